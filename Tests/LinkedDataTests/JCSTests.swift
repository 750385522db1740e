import Domain
import LinkedData
import Testing

@Suite struct JCSTests {
}
