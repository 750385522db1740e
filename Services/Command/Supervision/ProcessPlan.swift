import Foundation
import ServiceKit

/// One process that `cairn up` keeps running.
struct PlannedProcess: Sendable, Hashable {
    var name: String
    var service: String
    var listen: ListenAddress
    var ops: ListenAddress
    /// Over the environment of `cairn up` itself.
    var environment: [String: String]
}

enum ProcessPlan {
    static let replicasMax = 9
    /// Ports of the nth replica lie this much above those of the first, n - 1 times.
    static let portStep = 100

    /// `["records=2"]`, each at most 9.
    static func replicas(_ texts: [String]) throws -> [String: Int] {
        var replicas = Dictionary(uniqueKeysWithValues: Deployment.roles.map { ($0, 1) })
        for text in texts {
            let parts = text.split(separator: "=", omittingEmptySubsequences: false)
            guard parts.count == 2, replicas[String(parts[0])] != nil, let count = Int(parts[1]),
                  (0...replicasMax).contains(count)
            else {
                throw CommandProblem(
                    "--replicas \(text) is not understood.",
                    next: "write records=2; services are \(Deployment.roles.joined(separator: ", ")), counts 0 to \(replicasMax)")
            }
            replicas[String(parts[0])] = count
        }
        return replicas
    }

    /// In the order in which they stop: the gateway first.
    static func make(_ deployment: Deployment, replicas: [String: Int]) throws -> [PlannedProcess] {
        let settings = try deployment.settings()
        var plan: [PlannedProcess] = []
        for service in ["gateway"] + Deployment.services {
            let listen = try settings.address(Deployment.listenKey(service))
            let ops = try settings.address(Deployment.opsKey(service))
            for number in 0..<replicas[service, default: 1] {
                let listen = ListenAddress(host: listen.host, port: listen.port + portStep * number)
                let ops = ListenAddress(host: ops.host, port: ops.port + portStep * number)
                let name = "\(service)-\(number + 1)", prefix = "CAIRN_\(service.uppercased())"
                plan.append(PlannedProcess(name: name, service: service, listen: listen, ops: ops, environment: [
                    "CAIRN_CONFIG_FILE": deployment.environmentFile, "CAIRN_INSTANCE": name,
                    "\(prefix)_LISTEN": "\(listen)", "\(prefix)_OPS_LISTEN": "\(ops)",
                ]))
            }
        }
        // Everybody knows every replica of the others. A service with none here runs elsewhere: its configured address
        // stays.
        let addresses = Dictionary(grouping: plan.filter { $0.service != "gateway" }, by: \.service).mapValues { all in
            all.map { "\($0.listen)" }.joined(separator: ",")
        }
        return plan.map { process in
            var process = process
            for (service, all) in addresses where service != process.service {
                process.environment["CAIRN_\(service.uppercased())_ADDRESSES"] = all
            }
            return process
        }
    }
}
