// swift-tools-version: 6.1
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

/// What every Swift target is compiled with.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    // A function is what the linker leaves out, and puts beside what is needed with it.
    .unsafeFlags(["-Xfrontend", "-function-sections"], .when(configuration: .release)),
]

/// For the rooms that programs which start for each call are made of: what counts is what has to be read from the disk
/// before they run.
let small = strict + [.unsafeFlags(["-Osize"], .when(configuration: .release))]

/// The pause process is Embedded Swift linked statically: no runtime to load and no private memory for one, because
/// there is one such process per task for the task's whole life.
let embedded: [SwiftSetting] = [
    .enableExperimentalFeature("Embedded"),
    .unsafeFlags(["-wmo", "-Osize", "-Xcc", "-DTASKNET_CONTAINER", "-Xcc", "-D_GNU_SOURCE"]),
]

/// A program that needs nothing of the machine that it runs on: it is called from inside other programs' containers,
/// and for each call anew.
let standalone: [LinkerSetting] = [
    .unsafeFlags([
        "-static-executable", "-use-ld=lld", "-Xlinker", "--gc-sections", "-Xlinker", "--icf=all",
        "-Xlinker", "--no-eh-frame-hdr", "-Xlinker", "--no-warn-symbol-ordering",
        "-Xlinker", "--symbol-ordering-file=" + Context.packageDirectory + "/Sources/tasknet-cni/symbol-order.txt",
        "-Xlinker", "-T", "-Xlinker", Context.packageDirectory + "/Sources/tasknet-cni/standalone.ld",
    ])
]

/// A program that stays. What an ADD and a DEL need of it lies side by side, because caches are small and others use them
/// in between.
let resident: [LinkerSetting] = [
    .unsafeFlags(
        [
            "-use-ld=lld", "-Xlinker", "--gc-sections", "-Xlinker", "--icf=all", "-Xlinker", "--no-warn-symbol-ordering",
            "-Xlinker", "--symbol-ordering-file=" + Context.packageDirectory + "/Sources/tasknetd/symbol-order.txt",
        ], .when(configuration: .release))
]

let systemPackage: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")

let package = Package(
    name: "tasknet",
    products: [
        .executable(name: "tasknet", targets: ["tasknet"]),
        .executable(name: "tasknetd", targets: ["tasknetd"]),
        .executable(name: "tasknet-cni", targets: ["tasknet-cni"]),
        .executable(name: "tasknet-pause", targets: ["tasknet-pause"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-system", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.12.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        // Values in layers. Its own file providers refuse lists of mappings (subnets), so Yams reads the file.
        .package(url: "https://github.com/apple/swift-configuration", from: "1.0.2", traits: []),
        .package(url: "https://github.com/jpsim/Yams", from: "6.0.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.8.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.5.0"),
    ],
    targets: [
        // The kernel's and the libraries' C interfaces.
        .target(name: "CLinux"),
        .systemLibrary(name: "CNetlink", pkgConfig: "libnl-route-3.0", providers: [.apt(["libnl-route-3-dev"])]),
        .systemLibrary(
            name: "CNetfilter", pkgConfig: "libnftables",
            providers: [.apt(["libnftables-dev", "libnftnl-dev", "libmnl-dev", "libnetfilter-conntrack-dev"])]),
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),

        // The host.
        .target(name: "Linux", dependencies: ["CLinux", systemPackage], swiftSettings: small),
        .target(
            name: "Netlink", dependencies: ["Addressing", "CLinux", "CNetlink", "Linux", systemPackage],
            swiftSettings: small),
        .target(
            name: "Netfilter", dependencies: ["Addressing", "CNetfilter", "Linux", systemPackage],
            swiftSettings: strict),

        // Texts, and a protocol made of them.
        .target(name: "JSON", swiftSettings: small),
        .target(name: "CNI", dependencies: ["JSON"], swiftSettings: small),

        // The model.
        .target(name: "Addressing", swiftSettings: small),
        .target(name: "VPC", dependencies: ["Addressing"], swiftSettings: small),
        .target(name: "TaskDefinitions", dependencies: ["VPC"], swiftSettings: strict),
        .target(name: "ECSAPI", dependencies: ["Addressing", "TaskDefinitions", "VPC"], swiftSettings: strict),

        // The path.
        .target(
            name: "TaskNetworking", dependencies: ["Addressing", "Linux", "Netlink", "VPC", systemPackage],
            swiftSettings: small),

        // The packet filter.
        .target(
            name: "Firewall", dependencies: ["Addressing", "Linux", "Netfilter", "Netlink", "VPC", systemPackage],
            resources: [.embedInCode("Ruleset/tasknet.nft")], swiftSettings: strict),

        // The CNI plugins.
        .target(
            name: "TasknetPlugin", dependencies: ["CNI", "ControlClient", "JSON", "Linux", systemPackage],
            swiftSettings: small),
        .target(
            name: "AWSPlugins",
            dependencies: ["Addressing", "CNI", "CSQLite", "JSON", "Linux", "Netlink", "TaskNetworking", systemPackage],
            swiftSettings: small),

        // The parent of a task's containers, spoken to.
        .target(name: "Pause", dependencies: ["CLinux", "Linux", systemPackage], swiftSettings: strict),

        // The daemon. What is heavy (HTTP, SQLite) is named here and nowhere above.
        .target(
            name: "Agent",
            dependencies: [
                "Addressing", "CLinux", "ECSAPI", "Firewall", "JSON", "Linux", "Netfilter", "Netlink", "Pause",
                "TaskDefinitions", "TaskNetworking", "VPC",
                systemPackage,
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: strict),

        // The control API, seen from outside.
        .target(name: "ControlClient", dependencies: ["JSON", "Linux", systemPackage], swiftSettings: small),
        .target(name: "ECSClient", dependencies: ["ControlClient", "ECSAPI"], swiftSettings: small),

        // The programs.
        .executableTarget(
            name: "tasknet",
            dependencies: [
                "Addressing", "CLinux", "ControlClient", "ECSAPI", "ECSClient", "JSON", "Linux", "Netfilter", "Netlink",
                "TaskDefinitions", "VPC",
                systemPackage,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: small),
        .executableTarget(
            name: "tasknetd",
            dependencies: [
                "Agent",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"), systemPackage,
            ],
            exclude: ["symbol-order.txt"], swiftSettings: strict, linkerSettings: resident),
        .executableTarget(
            name: "tasknet-cni", dependencies: ["AWSPlugins", "CNI", "Linux", "TasknetPlugin"],
            exclude: ["standalone.ld", "symbol-order.txt"], swiftSettings: small, linkerSettings: standalone),
        .executableTarget(
            name: "tasknet-pause", dependencies: ["CLinux"], swiftSettings: embedded,
            linkerSettings: [.unsafeFlags(["-static-executable"])]),

        // The tests.
        .target(
            name: "TestSupport", dependencies: ["Linux", systemPackage], path: "Tests/TestSupport",
            swiftSettings: strict),
        // The built programs, driven from outside.
        .target(
            name: "UnderTest", dependencies: ["Linux", systemPackage], path: "Tests/UnderTest", swiftSettings: strict),
        // Run by scripts/crash-test and scripts/soak.
        .executableTarget(
            name: "tasknet-trials",
            dependencies: [
                "Addressing", "ControlClient", "ECSAPI", "ECSClient", "JSON", "Linux", "Netfilter", "Netlink",
                "TaskDefinitions", "UnderTest", "VPC",
                systemPackage,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Tests/Trials", swiftSettings: strict),
        // Run by scripts/bench, which also compiles Benchmarks/Floor.
        .executableTarget(
            name: "tasknet-bench",
            dependencies: [
                "Addressing", "ControlClient", "ECSAPI", "ECSClient", "JSON", "Linux", "Netlink", "TaskDefinitions",
                "TaskNetworking", "UnderTest", "VPC",
                systemPackage,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Benchmarks/Suite", swiftSettings: strict),
        .executableTarget(
            name: "tasknet-bench-empty", path: "Benchmarks/Empty", swiftSettings: strict,
            linkerSettings: [.unsafeFlags(["-static-executable", "-use-ld=lld"])]),
        .testTarget(name: "VPCTests", dependencies: ["Addressing", "VPC"], swiftSettings: strict),
        .testTarget(
            name: "TaskDefinitionsTests", dependencies: ["TaskDefinitions", "VPC"], swiftSettings: strict),
        .testTarget(name: "JSONTests", dependencies: ["JSON"], swiftSettings: strict),
        .testTarget(name: "CNITests", dependencies: ["CNI", "JSON"], swiftSettings: strict),
        .testTarget(name: "AddressingTests", dependencies: ["Addressing"], swiftSettings: strict),
        .testTarget(name: "LinuxTests", dependencies: ["Linux", "TestSupport", systemPackage], swiftSettings: strict),
        .testTarget(
            name: "NetlinkTests", dependencies: ["Addressing", "Linux", "Netlink", "TestSupport", systemPackage],
            swiftSettings: strict),
        .testTarget(
            name: "NetfilterTests", dependencies: ["Addressing", "Linux", "Netfilter", "TestSupport", systemPackage],
            swiftSettings: strict),
        .testTarget(
            name: "TasknetPluginTests", dependencies: ["CNI", "JSON", "Linux", "TasknetPlugin", "TestSupport", systemPackage],
            swiftSettings: strict),
        .testTarget(
            name: "AWSPluginsTests",
            dependencies: [
                "AWSPlugins", "Addressing", "CNI", "CSQLite", "JSON", "Linux", "Netlink", "TestSupport", systemPackage,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "ECSAPITests", dependencies: ["Addressing", "ECSAPI", "TaskDefinitions", "VPC"], swiftSettings: strict),
        .testTarget(
            name: "TaskNetworkingTests", dependencies: ["TaskNetworking", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "FirewallTests",
            dependencies: [
                "Addressing", "Firewall", "Linux", "Netfilter", "Netlink", "TaskNetworking", "TestSupport", "VPC",
                systemPackage,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "AgentTests",
            dependencies: [
                "Addressing", "Agent", "CSQLite", "ECSAPI", "Linux", "Pause", "TaskDefinitions", "TaskNetworking", "TestSupport",
                "VPC", systemPackage,
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            exclude: ["Store/Schemas"], swiftSettings: strict),
        .testTarget(
            name: "ControlClientTests",
            dependencies: ["ControlClient", "ECSAPI", "ECSClient", "JSON", "Linux", "TestSupport", systemPackage],
            swiftSettings: strict),
        .testTarget(
            name: "CLITests",
            dependencies: [
                "Addressing", "ControlClient", "ECSAPI", "ECSClient", "JSON", "Linux", "Netfilter", "Pause",
                "TaskDefinitions", "TestSupport", "VPC",
                systemPackage, "tasknet",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "EndToEndTests", dependencies: ["Linux", "TestSupport", systemPackage], swiftSettings: strict),
        .testTarget(name: "TrialsTests", dependencies: ["tasknet-trials"], swiftSettings: strict),
        .testTarget(name: "BenchmarkTests", dependencies: ["JSON", "tasknet-bench"], swiftSettings: strict),
        .testTarget(
            name: "PauseTests", dependencies: ["CLinux", "Linux", "Pause", "TestSupport", systemPackage],
            swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
