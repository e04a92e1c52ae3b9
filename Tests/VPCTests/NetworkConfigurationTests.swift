// SPDX-License-Identifier: Apache-2.0
import Addressing
import Testing
import VPC

@Suite struct NetworkConfigurationTests {
    private func failure(
        _ subnets: [String]?, groups: [String]? = nil, mode: NetworkMode = .awsvpc,
        publicIP: NetworkConfiguration.AssignPublicIP? = nil, launchType: LaunchType? = nil
    ) -> ValidationFailure? {
        let configuration = subnets.map {
            NetworkConfiguration(
                awsvpcConfiguration: .init(subnets: $0, securityGroups: groups, assignPublicIp: publicIP))
        }
        do {
            try NetworkConfiguration.validate(configuration, networkMode: mode, launchType: launchType)
            return nil
        } catch {
            return error
        }
    }

    @Test func awsTexts() {
        let many = (0..<17).map { "subnet-\($0)" }
        #expect(failure(["a"]) == nil)
        #expect(failure(nil, mode: .bridge) == nil)
        #expect(
            failure(nil)?.message == "Network Configuration must be provided when networkMode 'awsvpc' is specified.")
        for mode in [NetworkMode.bridge, .host, .none] {
            #expect(
                failure(["a"], mode: mode)?.message
                    == "Network Configuration is not valid for the given networkMode of this task definition.")
        }
        #expect(failure([])?.message == "subnets can not be empty.")
        #expect(failure(Array(many.prefix(16))) == nil)
        #expect(failure(many)?.message == "subnets can have at most 16 items.")
        #expect(failure(["a"], groups: Array(many.prefix(5))) == nil)
        #expect(failure(["a"], groups: Array(many.prefix(6)))?.message == "securityGroups can have at most 5 items.")
        #expect(
            failure(["a"], publicIP: .enabled, launchType: .ec2)?.message
                == "Assign public IP is not supported for this launch type.")
        #expect(failure(["a"], publicIP: .enabled, launchType: .fargate) == nil)
        #expect(failure(["a"], publicIP: .enabled) == nil)
        #expect(failure(["a", "a"])?.message == #"subnets can not contain "a" more than once."#)
        #expect(failure([""])?.message == "subnets can not contain an empty item.")
        #expect(failure([])?.kind == .invalidParameter)
    }

    @Test func resolvesIDsAndNames() throws {
        func subnet(_ id: String, _ name: String, vpc: String) -> Subnet {
            Subnet(id: id, name: name, vpcID: vpc)
        }
        let known = [
            subnet("subnet-1", "a", vpc: "v"), subnet("subnet-2", "b", vpc: "v"), subnet("subnet-3", "c", vpc: "w"),
        ]
        func resolve(_ texts: String...) throws -> [String] {
            try NetworkConfiguration.AWSVPC(subnets: texts).resolve(in: known).map(\.id)
        }
        #expect(try resolve("b", "subnet-1") == ["subnet-2", "subnet-1"])
        let missing = #expect(throws: ValidationFailure.self) { try resolve("a", "subnet-9") }
        #expect(
            missing?.description
                == """
                Error retrieving subnet information for [subnet-9]: The subnet ID 'subnet-9' does not exist \
                (ErrorCode: InvalidSubnetID.NotFound) (there are: a = subnet-1, b = subnet-2, c = subnet-3)
                """)
        let mixed = #expect(throws: ValidationFailure.self) { try resolve("a", "c") }
        #expect(mixed?.description == "All subnets must be in the same VPC. (a is in v, c in w)")
    }
}
