/// Something one process asks of another. The name's first part is the service that answers:
/// `assessment.record_judgment`.
package protocol Request: Codable, Sendable {
    associatedtype Reply: Codable & Sendable
    static var name: RequestName { get }
}

/// A request that changes something. It carries an idempotency key; repeating it with the same key and body gives
/// the first answer again.
package protocol Command: Request {}

/// A request that changes nothing and may be repeated freely.
package protocol Query: Request {}

package struct RequestName: Hashable, Sendable, Codable, ExpressibleByStringLiteral, CustomStringConvertible {
    package let text: String
    package init(_ text: String) { self.text = text }
    package init(stringLiteral text: String) { self.text = text }
    package var description: String { text }
    package var service: String { String(text.prefix { $0 != "." }) }

    package init(from decoder: any Decoder) throws {
        text = try decoder.singleValueContainer().decode(String.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

/// The reply of a command that has nothing to say beyond "done".
package struct Done: Codable, Sendable, Hashable {
    package init() {}
}

/// One page of a list; `next` is opaque and absent on the last page.
package struct Page<Item: Codable & Sendable>: Codable, Sendable {
    package static var limitDefault: Int { 50 }
    package static var limitMax: Int { 200 }

    package var items: [Item]
    package var next: String?

    package init(items: [Item], next: String? = nil) {
        self.items = items
        self.next = next
    }
}
