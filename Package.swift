// swift-tools-version: 6.2
import PackageDescription

/// Every target of ours is compiled the same way: Swift 6 language mode, existentials spelled `any`,
/// async helpers stay on their caller's executor (SE-0461), and a warning stops the build.
let ours: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

let log = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let configuration = Target.Dependency.product(name: "Configuration", package: "swift-configuration")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let httpClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let jwt = Target.Dependency.product(name: "JWTKit", package: "jwt-kit")

func shared(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
    .target(name: name, dependencies: dependencies, path: "Shared/\(name)",
            resources: resources, swiftSettings: ours)
}

/// A service is one executable; its migrations travel inside the binary.
func service(_ name: String, _ dependencies: [Target.Dependency], migrations: Bool = true) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies, path: "Services/\(name)",
        exclude: migrations ? ["Migrations/schema.sql"] : [],
        resources: migrations ? [.embedInCode("Migrations")] : [],
        swiftSettings: ours)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: "\(name)Tests", dependencies: dependencies + ["Support"],
                path: "Tests/\(name)Tests", swiftSettings: ours)
}

let kit: [Target.Dependency] = ["Domain", "Messaging", "Storage", "EventLog", "ServiceKit"]

let package = Package(
    name: "cairn",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "cairn-records", targets: ["Records"]),
        .executable(name: "cairn-pathways", targets: ["Pathways"]),
        .executable(name: "cairn-assessment", targets: ["Assessment"]),
        .executable(name: "cairn-notifications", targets: ["Notifications"]),
        .executable(name: "cairn-gateway", targets: ["Gateway"]),
        .executable(name: "cairn", targets: ["Command"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
    ],
    targets: [
        .systemLibrary(name: "CLinux", path: "Shared/CLinux"),
        .systemLibrary(name: "CZeroMQ", path: "Shared/CZeroMQ", providers: [.apt(["libzmq3-dev"])]),
        .systemLibrary(name: "CPostgres", path: "Shared/CPostgres", pkgConfig: "libpq",
                       providers: [.apt(["libpq-dev"])]),
        shared("Domain", [crypto]),
        shared("Messaging", ["CLinux", "CZeroMQ", "Domain", log]),
        shared("Storage", ["CLinux", "CPostgres", crypto, log]),
        shared("EventLog", ["Storage", "Messaging", "Domain", "ServiceKit", log, metrics, arguments],
               resources: [.embedInCode("SQL")]),
        shared("ServiceKit", ["Messaging", "Domain", crypto, log, metrics, lifecycle, configuration, hummingbird]),
        shared("Egress", ["ServiceKit", httpClient]),
        shared("PathwayEngine", ["Domain"]),
        shared("LinkedData", ["Domain", crypto]),
        shared("Credentials", ["Domain", "LinkedData", crypto, cryptoExtras]),

        service("Records", kit + [crypto, lifecycle, arguments]),
        service("Pathways", kit + ["PathwayEngine", lifecycle, arguments]),
        service("Assessment", kit + [lifecycle, arguments]),
        service("Notifications", kit + ["Egress", crypto, httpClient, lifecycle, arguments]),
        service("Gateway", ["Domain", "Messaging", "ServiceKit", crypto, hummingbird, lifecycle, arguments],
                migrations: false),
        service("Command", ["CLinux", "Domain", "Messaging", "ServiceKit", "PathwayEngine", "Credentials", "Egress", crypto, httpClient, hummingbird, log, arguments],
                migrations: false),

        .executableTarget(name: "MessagingBench", dependencies: ["Messaging", log],
                          path: "Benchmarks/MessagingBench", swiftSettings: ours),
        .executableTarget(name: "ServiceBench", dependencies: kit + [log, hummingbird],
                          path: "Benchmarks/ServiceBench", swiftSettings: ours),
        .executableTarget(name: "RulesBench", dependencies: ["PathwayEngine", "Domain"],
                          path: "Benchmarks/RulesBench", swiftSettings: ours),
        .executableTarget(name: "CredentialsBench", dependencies: ["Credentials", "Domain", crypto],
                          path: "Benchmarks/CredentialsBench", exclude: ["pyld_bench.py"], swiftSettings: ours),
        .executableTarget(name: "CredentialsFuzz", dependencies: ["Credentials", "Domain"],
                          path: "Tests/CredentialsFuzz", swiftSettings: ours),
        .target(name: "Support", dependencies: ["CLinux", "Storage", log], path: "Tests/Support", swiftSettings: ours),
        .target(name: "ServiceSupport", dependencies: ["Domain", "EventLog", "ServiceKit", "Support"],
                path: "Tests/ServiceSupport", swiftSettings: ours),
        tests("Domain", ["Domain"]),
        tests("Messaging", ["Messaging", "Domain", log]),
        tests("Storage", ["Storage", log]),
        tests("EventLog", kit + [log]),
        tests("ServiceKit", ["ServiceKit", log, metrics, lifecycle]),
        tests("PathwayEngine", ["PathwayEngine", "Domain"]),
        tests("LinkedData", ["LinkedData", "Domain", crypto]),
        tests("Credentials", ["Credentials", "LinkedData", "Domain", crypto, cryptoExtras]),
        tests("Records", kit + ["Records", "ServiceSupport"]),
        tests("Pathways", kit + ["Pathways", "PathwayEngine", "ServiceSupport"]),
        tests("Assessment", kit + ["Assessment", "ServiceSupport"]),
        tests("Notifications", kit + ["Notifications", "ServiceSupport", "Egress", httpClient]),
        tests("Gateway", ["Gateway", "Domain", "Messaging", "ServiceKit", hummingbird, jwt]),
        tests("Command", ["Command", "Credentials", "Domain", "ServiceKit", arguments]),
        tests("Suite", kit + ["Command", "Records"]),
    ]
)

// One bundle holds all tests. While working on a part, CAIRN_TESTS=EventLog,Storage builds those and what they need alone.
if let only = Context.environment["CAIRN_TESTS"]?.split(separator: ",") {
    var needed = Set(only.map { "\($0)Tests" }), open = Array(needed)
    while let name = open.popLast() {
        for case .byNameItem(let dependency, _) in package.targets.first(where: { $0.name == name })?.dependencies ?? []
        where needed.insert(dependency).inserted { open.append(dependency) }
    }
    package.targets.removeAll { !needed.contains($0.name) }
    package.products.removeAll { product in
        (product as? Product.Executable)?.targets.contains { !needed.contains($0) } ?? false
    }
}
