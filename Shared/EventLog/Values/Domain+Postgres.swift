import Domain
import Foundation
import Storage

extension EntityID: PostgresRepresentable {
    package var postgresValue: UUID { uuid }
    package init(postgresValue: UUID) { self.init(postgresValue) }
}

extension Timestamp: PostgresRepresentable {
    package var postgresValue: PostgresTimestamp { PostgresTimestamp(unixMicroseconds: microseconds) }
    package init(postgresValue: PostgresTimestamp) { self.init(microseconds: postgresValue.unixMicroseconds) }
}

extension CalendarDate: PostgresRepresentable {
    package var postgresValue: PostgresDate { PostgresDate(daysSince1970: Int32(clamping: daysSince1970)) }
    package init(postgresValue: PostgresDate) { self.init(daysSince1970: Int(postgresValue.daysSince1970)) }
}

extension Partition: PostgresRepresentable {
    package var postgresValue: Int16 { Int16(number) }
    package init(postgresValue: Int16) throws {
        guard let partition = Partition(Int(postgresValue)) else {
            throw StorageError.decoding("\(postgresValue) is no partition")
        }
        self = partition
    }
}

extension EventType: PostgresRepresentable {
    package var postgresValue: String { text }
    package init(postgresValue: String) { self.init(postgresValue) }
}
