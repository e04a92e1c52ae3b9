// SPDX-License-Identifier: Apache-2.0
import Addressing
import ECSAPI
import Glibc
import Linux
import NIOPosix
import SystemPackage
import VPC

/// A real connection along a path, from inside the source's namespace.
struct NetworkProbe: Sendable {
    let path: PathAddresses
    let transport: Flow.Transport
    let namespace: NetworkNamespace

    static let patience = Duration.seconds(2)

    /// Probes wait for seconds: in a pool of their own they wait for each other alone.
    private static let pool: NIOThreadPool = {
        let pool = NIOThreadPool(numberOfThreads: 2)
        pool.start()
        return pool
    }()

    /// Waits for as long as it takes, and `patience` at most, without holding a thread that tasks share.
    func run() async throws -> NetworkPath.Probe {
        try await Self.pool.runIfActive {
            do {
                return try perform(until: ContinuousClock.now + Self.patience)
            } catch let error as LinuxError {
                let mend = error.errno == .notPermitted ? ": pings need tasknetd to have CAP_NET_RAW" : ""
                return NetworkPath.Probe(result: .failed, text: "\(error)\(mend)")
            }
        }
    }

    /// Blocks the thread.
    private func perform(until deadline: ContinuousClock.Instant) throws -> NetworkPath.Probe {
        switch transport {
        case .tcp(_, let port): try connect(port, until: deadline)
        case .udp(_, let port): try sendDatagram(port, until: deadline)
        case .icmp, .icmpv6: try ping(until: deadline)
        case .other(let number):
            NetworkPath.Probe(
                result: .failed, text: "protocol \(number) is not tried: only tcp, udp and icmp can be")
        }
    }

    private func connect(_ port: UInt16, until deadline: ContinuousClock.Instant) throws -> NetworkPath.Probe {
        let socket = try ProbeSocket(
            path.family, type: CInt(SOCK_STREAM.rawValue), transport: CInt(IPPROTO_TCP), in: namespace)
        do throws(Errno) {
            try socket.bind(to: path.source)
            do throws(Errno) {
                try socket.connect(to: path.destination, port: port)
            } catch {
                guard error == .nowInProgress else { throw error }
            }
            guard try socket.wait(for: CInt(POLLOUT), until: deadline) else { return noAnswer }
            if let error = try socket.error() { return outcome(error, socket.nextReturned()) }
            return NetworkPath.Probe(result: .reached, text: "\(path.destination) took a connection to port \(port)")
        } catch {
            return outcome(error, socket.nextReturned())
        }
    }

    private func sendDatagram(_ port: UInt16, until deadline: ContinuousClock.Instant) throws -> NetworkPath.Probe {
        let socket = try ProbeSocket(
            path.family, type: CInt(SOCK_DGRAM.rawValue), transport: CInt(IPPROTO_UDP), in: namespace)
        do throws(Errno) {
            try socket.bind(to: path.source)
            try socket.connect(to: path.destination, port: port)
            // Empty: whoever listens there is not to take it for something.
            try socket.send([])
            guard try socket.wait(for: CInt(POLLIN), until: deadline) else {
                return NetworkPath.Probe(
                    result: .timedOut, text: "nothing came back, which with UDP also means that it arrived")
            }
            if let returned = socket.nextReturned() { return outcome(returned.errno, returned) }
            if let error = try socket.error() { return outcome(error, nil) }
            _ = try socket.receive()
            return NetworkPath.Probe(result: .reached, text: "\(path.destination) answered from port \(port)")
        } catch {
            return outcome(error, socket.nextReturned())
        }
    }

    private func ping(until deadline: ContinuousClock.Instant) throws -> NetworkPath.Probe {
        let socket = try ProbeSocket(
            path.family, type: CInt(SOCK_RAW.rawValue),
            transport: path.family == .v4 ? CInt(IPPROTO_ICMP) : CInt(IPPROTO_ICMPV6), in: namespace)
        let echo = ICMPEcho(path.family, identifier: .random(in: 1 ... .max))
        do throws(Errno) {
            try socket.bind(to: path.source)
            try socket.connect(to: path.destination, port: 0)
            try socket.send(echo.request)
            while try socket.wait(for: CInt(POLLIN), until: deadline) {
                if let returned = socket.nextReturned() { return outcome(returned.errno, returned) }
                if let error = try socket.error() { return outcome(error, nil) }
                // A raw socket hears all ICMP of the other side.
                if echo.isAnswered(by: try socket.receive()) {
                    return NetworkPath.Probe(result: .reached, text: "\(path.destination) answered a ping")
                }
            }
            return noAnswer
        } catch {
            return outcome(error, socket.nextReturned())
        }
    }
}

extension NetworkProbe {
    private var noAnswer: NetworkPath.Probe {
        NetworkPath.Probe(result: .timedOut, text: "no answer within \(Self.patience.components.seconds) seconds")
    }

    private func outcome(_ errno: Errno, _ returned: ReturnedError?) -> NetworkPath.Probe {
        let text = returned.flatMap(\.text) ?? "\(errno)"
        switch errno {
        case .connectionRefused:
            let who = returned?.offender ?? path.destination
            return NetworkPath.Probe(
                result: .refused, text: "\(who) was reached and refused: nothing listens there (\(text))")
        case .networkUnreachable, .noRouteToHost, .hostIsDown, .networkDown, .permissionDenied, .protocolNotAvailable:
            return NetworkPath.Probe(result: .unreachable, text: text)
        case .notPermitted:
            return NetworkPath.Probe(result: .unreachable, text: "a packet filter dropped it on its way out")
        case .timedOut: return noAnswer
        case .addressNotAvailable:
            return NetworkPath.Probe(result: .failed, text: "the source does not have \(path.source)")
        default: return NetworkPath.Probe(result: .failed, text: text)
        }
    }
}

extension ReturnedError {
    /// Who said what; nil for this host's own finding.
    fileprivate var text: String? {
        guard let offender else { return nil }
        return "\(offender) says: \(errno) (ICMP type \(type) code \(code))"
    }
}
