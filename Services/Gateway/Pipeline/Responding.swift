import Domain
import HTTPTypes

extension Contract {
    /// A service's reply as HTTP says it: status, `Location`, `Link`, body.
    func response(_ bytes: [UInt8], to request: EdgeRequest, _ asked: JSONValue) -> EdgeResponse {
        var response = plain(bytes, to: request, asked)
        if hasRevision, let revision = (try? JSONValue.parse(bytes))?[Self.revision]?.number?.text {
            response.fields[.eTag] = "\"\(revision)\""
        }
        return response
    }

    private func plain(_ bytes: [UInt8], to request: EdgeRequest, _ asked: JSONValue) -> EdgeResponse {
        switch success {
        case .done: return EdgeResponse(status: .noContent)
        case .ok:
            var response = EdgeResponse.json(bytes)
            if !isCommand, self.request.members.contains(where: { $0.name == "cursor" }),
               let next = (try? JSONValue.parse(bytes))?["next"]?.text {
                response.fields[.link] = "<\(Self.nextPage(request, next))>; rel=\"next\""
            }
            return response
        case .created(let place):
            return located(bytes, .created, place, asked)
        case .createdIf(let member, let place):
            let isNew = (try? JSONValue.parse(bytes))?[member]?.bool == true
            return located(bytes, isNew ? .created : .ok, place, asked)
        case .acceptedWhile(let member, let value, let place):
            let isOpen = (try? JSONValue.parse(bytes))?[member]?.text == value
            return isOpen ? located(bytes, .accepted, place, asked) : .json(bytes)
        }
    }

    private func located(
        _ bytes: [UInt8], _ status: HTTPResponse.Status, _ place: String?, _ asked: JSONValue
    ) -> EdgeResponse {
        var response = EdgeResponse.json(bytes, status: status)
        guard let place, let reply = try? JSONValue.parse(bytes) else { return response }
        let parts = PathTemplate(place).segments.map { segment -> String? in
            switch segment {
            case .literal(let text): return text
            case .parameter(let name):
                let value = reply[name] ?? asked[name]
                return value?.text ?? value?.number?.text
            }
        }
        let known = parts.compactMap { $0 }
        if known.count == parts.count { response.fields[.location] = "/" + known.joined(separator: "/") }
        return response
    }

    /// The same address with another cursor.
    private static func nextPage(_ request: EdgeRequest, _ cursor: String) -> String {
        let others = (request.query ?? "").split(separator: "&").filter { !$0.hasPrefix("cursor=") }
        let all = others.map(String.init) + ["cursor=\(FormParameters.encode(cursor))"]
        return request.path + "?" + all.joined(separator: "&")
    }
}
