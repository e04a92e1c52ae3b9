// SPDX-License-Identifier: Apache-2.0
import Glibc
import SystemPackage

/// Everything that is compared, by what it is to be held against.
struct Catalogue {
    /// What is compared, and what it is a multiple of.
    struct Entry: Sendable {
        let subject: any Subject
        let base: String?
        /// The most networks that it can have.
        let limit: Int
    }

    /// A bridge of Linux has 1,023 ports.
    private static let bridgePorts = 1000

    /// Names that goals and bases refer to.
    enum Name {
        static let coldFloor = "floor, cold"
        static let sandboxFloor = "floor, namespace there"
        static let warmFloor = "floor, warm"
        static let deviceFloor = "floor, device move"
        static let bridgeFloor = "floor, veth and bridge"
        static let deletionFloor = "floor, DELLINK"
        static let groupFloor = "floor, DELLINK by group"
        static let program = "/bin/true"
        static let emptyProgram = "empty Swift program"
        static let tasknet = "tasknet"
        static let api = "tasknet, by API"
        static let eni = "ecs-eni"
        static let bridge = "ecs-bridge + ecs-ipam"
        static let sequence = "ECS sequence"
        static let ptp = "ptp + host-local"
    }

    let host: BenchHost
    let floor: FloorProcess
    private let wanted: [String]
    private(set) var entries: [Entry] = []

    init(_ host: BenchHost, _ options: RunOptions) throws {
        self.host = host
        wanted = options.subjects
        floor = try FloorProcess(host.floorPrograms.appending("floor"))
    }

    func end() {
        floor.end()
        for entry in entries { entry.subject.end() }
    }

    mutating func add(_ subject: any Subject, over base: String? = nil, upTo limit: Int = .max) {
        guard wanted.isEmpty || subject is FloorSubject || wanted.contains(where: subject.name.contains) else {
            return subject.end()
        }
        entries.append(Entry(subject: subject, base: base, limit: limit))
    }

    mutating func addFloors() {
        add(FloorSubject(Name.coldFloor, floor, .cold, .drop))
        add(FloorSubject(Name.sandboxFloor, floor, .sandbox, .drop), over: Name.coldFloor)
        add(FloorSubject(Name.warmFloor, floor, .warm, .drop), over: Name.coldFloor)
        add(FloorSubject(Name.deletionFloor, floor, .cold, .dellink), over: Name.coldFloor)
        add(FloorSubject(Name.deviceFloor, floor, .device, .back), over: Name.coldFloor)
        add(FloorSubject(Name.bridgeFloor, floor, .bridged, .dellink), over: Name.coldFloor)
    }

    mutating func addProgramStarts() {
        add(ProcessSubject(Name.program, "/bin/true"), over: Name.emptyProgram)
        add(ProcessSubject(Name.emptyProgram, host.programs.appending("tasknet-bench-empty")))
    }

    mutating func addTasknet(_ daemon: BenchDaemon) throws {
        let plugins = try host.plugins(host.programs.appending("tasknet-cni"), as: ["tasknet"], in: "cni/tasknet")
        let socket = daemon.socketPath
        let call = PluginCall("tasknet", in: plugins) { _ in
            #""cniVersion":"1.0.0","name":"bench","type":"tasknet","socket":"\#(socket)""#
        }
        add(PluginSubject(Name.tasknet, [call], in: .own), over: Name.coldFloor)
    }

    /// Ours in the place of AWS's.
    mutating func addDropIns() throws {
        let plugins = try host.plugins(
            host.programs.appending("tasknet-cni"), as: ["ecs-eni", "ecs-bridge", "ecs-ipam"], in: "cni/drop-ins")
        try addECS(plugins, named: Name.tasknet)
    }

    /// AWS's, or what else is in the place of them, under the directory's name.
    mutating func addECS(in directory: String) throws {
        let path = FilePath(directory)
        try addECS(path, named: path.lastComponent?.string ?? directory)
    }

    /// The plugins that the ECS agent calls, in a directory: each with a host of its own.
    private mutating func addECS(_ plugins: FilePath, named name: String) throws {
        let calls = try ECSCalls(plugins, keeping: host.emptyDirectory("ecs-\(entries.count)"))
        guard access(plugins.appending("ecs-eni").string, X_OK) == 0 else {
            throw BenchFailure("there is no ecs-eni in \(plugins)")
        }
        add(
            PluginSubject("\(name): \(Name.eni)", [calls.eni("eth0")], in: try Room(), moving: DeviceMaker()),
            over: Name.deviceFloor)
        add(
            PluginSubject(
                "\(name): \(Name.bridge)", [calls.bridge("eth0", database: "bridge.db")], in: try Room()),
            over: Name.bridgeFloor, upTo: Self.bridgePorts)
        add(
            PluginSubject(
                "\(name): \(Name.sequence)", [calls.eni("eth0"), calls.bridge("ecs-eth0", database: "sequence.db")],
                in: try Room(), moving: DeviceMaker()), over: Name.coldFloor, upTo: Self.bridgePorts)
    }

    /// What Debian's packages have.
    mutating func addPeers() throws {
        let plugins: FilePath = "/usr/lib/cni"
        let leases = try host.emptyDirectory("host-local")
        @Sendable func ipam(_ network: String) -> String {
            #""ipam":{"type":"host-local","subnet":"\#(network)","dataDir":"\#(leases)"}"#
        }
        let versions = #""cniVersion":"1.0.0""#
        let ptp = PluginCall("ptp", in: plugins) { _ in
            #"\#(versions),"name":"ptp","type":"ptp","ipMasq":false,\#(ipam("10.80.0.0/16"))"#
        }
        add(PluginSubject(Name.ptp, [ptp], in: try Room()), over: Name.coldFloor)
        let bridge = PluginCall("bridge", in: plugins) { _ in
            #"\#(versions),"name":"bridge","type":"bridge","bridge":"cni0","isGateway":true,\#(ipam("10.81.0.0/16"))"#
        }
        add(
            PluginSubject("bridge + host-local", [bridge], in: try Room()), over: Name.coldFloor,
            upTo: Self.bridgePorts)
        let device = PluginCall("host-device", in: plugins) { slot in
            #"\#(versions),"name":"device","type":"host-device","device":"\#(DeviceMaker.name(slot))","#
                + ipam("10.83.0.0/16")
        }
        add(
            PluginSubject("host-device + host-local", [device], in: try Room(), moving: DeviceMaker()),
            over: Name.deviceFloor)
        add(
            try NetavarkSubject(
                "/usr/lib/podman/netavark", keeping: try host.emptyDirectory("netavark"), in: try Room()),
            over: Name.coldFloor, upTo: Self.bridgePorts)
    }
}
