import Domain
import ServiceKit
import Storage

extension StorageError: FaultConvertible {
    package var fault: Fault {
        switch self {
        case .unavailable, .serialization, .cancelled:
            Fault(.unavailable, "The service is busy just now; nothing was done. Try again.")
                .withDetail(debugDescription)
        case .unknownOutcome:
            Fault(.outcomeUnknown, "The answer was lost. Repeat the request with the same key.")
                .withDetail(debugDescription)
        case .refused(let state, _) where state == "57014":
            Fault(.unavailable, "The service is busy just now; nothing was done. Try again.")
                .withDetail(debugDescription)
        case .tooLarge:
            Fault(.tooLarge, "The request is larger than the service can keep.")
        case .constraint, .refused, .decoding:
            Fault(.internal, "Something went wrong on our side. The trace id leads us to it.")
                .withDetail(debugDescription)
        }
    }
}
