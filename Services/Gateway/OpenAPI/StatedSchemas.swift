import Domain
import Foundation

extension EntityID: SchemaStated {
    static var stated: Schema { .uuid }
    static var specimen: Self { Self(UUID(bytes: Array(repeating: 0, count: 16))) }
}

extension UUID: SchemaStated {
    static var stated: Schema { .uuid }
    static var specimen: UUID { UUID(bytes: Array(repeating: 0, count: 16)) }
}

extension Timestamp: SchemaStated {
    static var stated: Schema { .string(format: "date-time") }
    static var specimen: Timestamp { Timestamp(microseconds: 0) }
}

extension CalendarDate: SchemaStated {
    static var stated: Schema { .string(format: "date") }
    static var specimen: CalendarDate { CalendarDate(daysSince1970: 0) }
}

extension EventType: SchemaStated {
    static var stated: Schema { .string(pattern: "^[a-z]+\\.[a-z0-9_]+$") }
    static var specimen: EventType { "records.attainment_recorded" }
}

extension JSONValue: SchemaStated {
    static var stated: Schema { .anything }
    static var specimen: JSONValue { .null }
}

// Enumerations of Domain that do not list their cases. The switch makes a new case a compile error here.

private func words<Word: RawRepresentable<String>>(_ cases: [Word]) -> Schema { .enumeration(cases.map(\.rawValue)) }

extension ConsentStatus: SchemaStated {
    static var stated: Schema { words([Self.granted, .draining, .effective, .expired]) }
    static var specimen: Self { .granted }
    private var isListed: Bool { switch self { case .granted, .draining, .effective, .expired: true } }
}

extension DisclosureEntry.Outcome: SchemaStated {
    static var stated: Schema { words([Self.open, .delivered, .failed, .refused, .unknown, .inspected]) }
    static var specimen: Self { .open }
    private var isListed: Bool {
        switch self { case .open, .delivered, .failed, .refused, .unknown, .inspected: true }
    }
}

extension MotionEntry.Status: SchemaStated {
    static var stated: Schema { words([Self.open, .carried, .failed]) }
    static var specimen: Self { .open }
    private var isListed: Bool { switch self { case .open, .carried, .failed: true } }
}

extension GetPathway.Reply.Status: SchemaStated {
    static var stated: Schema { words([Self.draft, .certified]) }
    static var specimen: Self { .draft }
    private var isListed: Bool { switch self { case .draft, .certified: true } }
}

extension EnrollmentEntry.Status: SchemaStated {
    static var stated: Schema { words([Self.active, .completed]) }
    static var specimen: Self { .active }
    private var isListed: Bool { switch self { case .active, .completed: true } }
}

extension GetLicense.Reply.Standing: SchemaStated {
    static var stated: Schema { words([Self.active, .expired, .revoked]) }
    static var specimen: Self { .active }
    private var isListed: Bool { switch self { case .active, .expired, .revoked: true } }
}

extension SubscriptionEntry.Status: SchemaStated {
    static var stated: Schema { words([Self.active, .suspended, .ended]) }
    static var specimen: Self { .active }
    private var isListed: Bool { switch self { case .active, .suspended, .ended: true } }
}

extension DeliveryEntry.Status: SchemaStated {
    static var stated: Schema { words([Self.waiting, .delivered, .withheld, .parked]) }
    static var specimen: Self { .waiting }
    private var isListed: Bool { switch self { case .waiting, .delivered, .withheld, .parked: true } }
}

extension ReleaseParked.Action: SchemaStated {
    static var stated: Schema { words([Self.retry, .skip]) }
    static var specimen: Self { .retry }
    private var isListed: Bool { switch self { case .retry, .skip: true } }
}
