// SPDX-License-Identifier: Apache-2.0
import Addressing
import ECSAPI
import Netlink
import VPC

extension TrialClient {
    /// - Parameter isLate: the device comes when the daemon waits for it already.
    mutating func attach(_ slot: Int, to task: Int, isLate: Bool) -> Outcome {
        guard let target = ledger.tasks[task], let arn = target.arn else { return .skipped }
        guard ledger.devices[slot].map({ $0.attachment == .no }) ?? true else { return .skipped }
        // A device that was given back is taken again; one that comes late is another one.
        if let old = ledger.devices[slot], isLate {
            guard remove(old) else { return .skipped }
            ledger.devices[slot] = nil
        }
        var device = ledger.devices[slot] ?? newDevice(slot)
        let isNew = ledger.devices[slot] == nil
        device.networkInterfaceID =
            "eni-0\(hexadecimal(ledger.counter, digits: 8))\(hexadecimal(ledger.client, digits: 8))"
        ledger.counter += 1
        device.taskLabel = target.label
        if isNew, !isLate, !make(device) { return .skipped }
        ledger.devices[slot] = device

        let outcome = attach(device, to: arn, number: slot)
        switch outcome {
        case .acknowledged: ledger.devices[slot]?.attachment = .yes
        case .unknown: ledger.devices[slot]?.attachment = .unknown
        case .refused, .absent, .skipped: break
        }
        if isNew, isLate, !make(device) { ledger.devices[slot] = nil }
        return outcome
    }

    private func attach(_ device: DeviceEntry, to task: String, number: Int) -> Outcome {
        var interface = ElasticNetworkInterface(ec2Id: device.networkInterfaceID, macAddress: device.mac)
        interface.interfaceType = .device
        if ledger.counter % 2 == 0 {
            interface.subnetId = TrialHost.subnets[0].id
        } else {
            let network = "198.18.\(ledger.client * Operation.deviceCount + number)"
            interface.ipv4Addresses = [.init(primary: true, privateAddress: "\(network).10")]
            interface.subnetGatewayIpv4Address = "\(network).1/24"
        }
        return call(
            TaskNetworkAPI.AttachNetworkInterface.self,
            .init(taskArn: task, elasticNetworkInterfaces: [interface], waitTimeoutMs: 60_000)
        ).outcome
    }

    mutating func detach(_ slot: Int) -> Outcome {
        guard let device = ledger.devices[slot], device.attachment == .yes else { return .skipped }
        let (outcome, _) = call(
            TaskNetworkAPI.DetachNetworkInterface.self, .init(attachment: device.networkInterfaceID))
        switch outcome {
        case .acknowledged: ledger.devices[slot]?.attachment = .no
        case .unknown: ledger.devices[slot]?.attachment = .unknown
        case .refused, .absent, .skipped: break
        }
        return outcome
    }

    private mutating func newDevice(_ slot: Int) -> DeviceEntry {
        ledger.counter += 1
        let number = ledger.counter
        return DeviceEntry(
            name: "d\(ledger.client)-\(number)", peer: "p\(ledger.client)-\(number)",
            mac: "0a:00:\(hexadecimal(ledger.client, digits: 2)):00:"
                + "\(hexadecimal(number / 256, digits: 2)):\(hexadecimal(number % 256, digits: 2))",
            networkInterfaceID: "")
    }

    private func make(_ device: DeviceEntry) -> Bool {
        do {
            let mac = try MACAddress(parsing: device.mac)
            try RouteConnection().apply(
                .createLink(
                    LinkSpec(
                        name: device.name, kind: .veth(peer: PeerSpec(name: device.peer, isUp: true)), macAddress: mac))
            )
            return true
        } catch {
            return false
        }
    }

    private func remove(_ device: DeviceEntry) -> Bool {
        (try? RouteConnection().apply(.deleteLink(.name(device.name)))) != nil
    }

    private func hexadecimal(_ number: Int, digits: Int) -> String {
        let text = String(number, radix: 16)
        return String(repeating: "0", count: max(0, digits - text.count)) + text.suffix(digits)
    }
}
