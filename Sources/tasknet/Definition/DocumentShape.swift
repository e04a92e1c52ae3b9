// SPDX-License-Identifier: Apache-2.0

/// What a member of a task definition holds: as much of AWS's model as is needed to tell a slip from a fault.
indirect enum DocumentShape: Sendable {
    /// Text; one of these where the model lists them.
    case string(oneOf: [String] = [])
    /// A task's `cpu` or `memory`: text that reads like a number, with or without a unit.
    case size(example: String)
    case integer
    case boolean
    /// Text to text.
    case map
    case list(of: DocumentShape)
    /// Words of a command line, one string each.
    case command
    /// A list of objects of two texts, which people also write as a map: `environment`, `tags`.
    case pairs(key: String)
    /// `portMappings`: a list of objects, of which often only the port is written.
    case portMappings
    case structure([String: DocumentShape])

    static let string = DocumentShape.string()

    /// What is expected, for an error text.
    var name: String {
        switch self {
        case .string, .size: "a string"
        case .integer: "a whole number"
        case .boolean: "true or false"
        case .map: "an object whose values are strings"
        case .list, .pairs, .portMappings: "a list"
        case .command: "a list of strings"
        case .structure: "an object"
        }
    }
}

/// The members of `RegisterTaskDefinition` and of `NetworkConfiguration`, by AWS's model of 2014-11-13.
enum DocumentMembers {
    static let task: [String: DocumentShape] = [
        "family": .string, "taskRoleArn": .string, "executionRoleArn": .string,
        "networkMode": .string(oneOf: ["bridge", "host", "awsvpc", "none"]),
        "containerDefinitions": .list(of: .structure(container)),
        "volumes": .list(of: .structure(volume)),
        "placementConstraints": .list(of: .structure(["type": .string(oneOf: ["memberOf"]), "expression": .string])),
        "requiresCompatibilities": .list(of: .string(oneOf: ["EC2", "FARGATE", "EXTERNAL", "MANAGED_INSTANCES"])),
        "cpu": .size(example: #""256" (CPU units) or ".25 vCPU""#),
        "memory": .size(example: #""512" (MiB) or "0.5 GB""#),
        "tags": .pairs(key: "key"),
        "pidMode": .string(oneOf: ["host", "task"]), "ipcMode": .string(oneOf: ["host", "task", "none"]),
        "proxyConfiguration": .structure([
            "type": .string(oneOf: ["APPMESH"]), "containerName": .string, "properties": .pairs(key: "name"),
        ]),
        "inferenceAccelerators": .list(of: .structure(["deviceName": .string, "deviceType": .string])),
        "ephemeralStorage": .structure(["sizeInGiB": .integer]),
        "runtimePlatform": .structure([
            "cpuArchitecture": .string(oneOf: ["X86_64", "ARM64"]), "operatingSystemFamily": .string,
        ]),
        "enableFaultInjection": .boolean,
    ]

    static let container: [String: DocumentShape] = containerProcess.merging(containerSurroundings) { first, _ in first
    }

    private static let containerProcess: [String: DocumentShape] = [
        "name": .string, "image": .string, "cpu": .integer, "memory": .integer, "memoryReservation": .integer,
        "repositoryCredentials": .structure(["credentialsParameter": .string]),
        "essential": .boolean,
        "restartPolicy": .structure([
            "enabled": .boolean, "ignoredExitCodes": .list(of: .integer), "restartAttemptPeriod": .integer,
        ]),
        "entryPoint": .command, "command": .command,
        "environment": .pairs(key: "name"),
        "environmentFiles": .list(of: .structure(["value": .string, "type": .string(oneOf: ["s3"])])),
        "secrets": .list(of: .structure(secret)),
        "dependsOn": .list(
            of: .structure([
                "containerName": .string, "condition": .string(oneOf: ["START", "COMPLETE", "SUCCESS", "HEALTHY"]),
            ])),
        "startTimeout": .integer, "stopTimeout": .integer,
        "versionConsistency": .string(oneOf: ["enabled", "disabled"]),
        "user": .string, "workingDirectory": .string,
        "privileged": .boolean, "readonlyRootFilesystem": .boolean, "interactive": .boolean,
        "pseudoTerminal": .boolean,
        "ulimits": .list(of: .structure(["name": .string, "softLimit": .integer, "hardLimit": .integer])),
        "healthCheck": .structure([
            "command": .command, "interval": .integer, "timeout": .integer, "retries": .integer,
            "startPeriod": .integer,
        ]),
        "linuxParameters": .structure(linuxParameters),
    ]

    private static let containerSurroundings: [String: DocumentShape] = [
        "links": .list(of: .string),
        "portMappings": .portMappings,
        "mountPoints": .list(
            of: .structure(["sourceVolume": .string, "containerPath": .string, "readOnly": .boolean])),
        "volumesFrom": .list(of: .structure(["sourceContainer": .string, "readOnly": .boolean])),
        "hostname": .string, "disableNetworking": .boolean,
        "dnsServers": .list(of: .string), "dnsSearchDomains": .list(of: .string),
        "extraHosts": .list(of: .structure(["hostname": .string, "ipAddress": .string])),
        "dockerSecurityOptions": .list(of: .string), "dockerLabels": .map,
        "logConfiguration": .structure([
            "logDriver": .string(oneOf: [
                "json-file", "syslog", "journald", "gelf", "fluentd", "awslogs", "splunk", "awsfirelens",
            ]),
            "options": .map, "secretOptions": .list(of: .structure(secret)),
        ]),
        "systemControls": .list(of: .structure(["namespace": .string, "value": .string])),
        "resourceRequirements": .list(
            of: .structure(["value": .string, "type": .string(oneOf: ["GPU", "InferenceAccelerator"])])),
        "firelensConfiguration": .structure(["type": .string(oneOf: ["fluentd", "fluentbit"]), "options": .map]),
        "credentialSpecs": .list(of: .string),
    ]

    static let portMapping: [String: DocumentShape] = [
        "containerPort": .integer, "hostPort": .integer, "protocol": .string(oneOf: ["tcp", "udp"]), "name": .string,
        "appProtocol": .string(oneOf: ["http", "http2", "grpc"]), "containerPortRange": .string,
    ]

    private static let secret: [String: DocumentShape] = ["name": .string, "valueFrom": .string]

    private static let linuxParameters: [String: DocumentShape] = [
        "capabilities": .structure(["add": .list(of: .string), "drop": .list(of: .string)]),
        "devices": .list(
            of: .structure([
                "hostPath": .string, "containerPath": .string,
                "permissions": .list(of: .string(oneOf: ["read", "write", "mknod"])),
            ])),
        "initProcessEnabled": .boolean, "sharedMemorySize": .integer,
        "tmpfs": .list(
            of: .structure(["containerPath": .string, "size": .integer, "mountOptions": .list(of: .string)])),
        "maxSwap": .integer, "swappiness": .integer,
    ]

    private static let volume: [String: DocumentShape] = [
        "name": .string,
        "host": .structure(["sourcePath": .string]),
        "dockerVolumeConfiguration": .structure([
            "scope": .string(oneOf: ["task", "shared"]), "autoprovision": .boolean, "driver": .string,
            "driverOpts": .map, "labels": .map,
        ]),
        "efsVolumeConfiguration": .structure([
            "fileSystemId": .string, "rootDirectory": .string, "transitEncryption": onOff,
            "transitEncryptionPort": .integer,
            "authorizationConfig": .structure(["accessPointId": .string, "iam": onOff]),
        ]),
        "s3filesVolumeConfiguration": .structure([
            "fileSystemArn": .string, "rootDirectory": .string, "transitEncryptionPort": .integer,
            "accessPointArn": .string,
        ]),
        "fsxWindowsFileServerVolumeConfiguration": .structure([
            "fileSystemId": .string, "rootDirectory": .string,
            "authorizationConfig": .structure(["credentialsParameter": .string, "domain": .string]),
        ]),
        "configuredAtLaunch": .boolean,
    ]

    static let awsvpcConfiguration: [String: DocumentShape] = [
        "subnets": .list(of: .string), "securityGroups": .list(of: .string), "assignPublicIp": onOff,
    ]

    private static let onOff = DocumentShape.string(oneOf: ["ENABLED", "DISABLED"])

    /// What `describe-task-definition` adds and `register-task-definition` does not take.
    static let readOnly: Set<String> = [
        "taskDefinitionArn", "revision", "status", "requiresAttributes", "compatibilities", "registeredAt",
        "registeredBy", "deregisteredAt", "deleteRequestedAt",
    ]

    /// Members of a run or a service, and what says the same here.
    static let run: [String: String] = [
        "cluster": "say --cluster", "count": "say --count", "desiredCount": "say --count",
        "launchType": "it has no effect here", "platformVersion": "it has no effect here",
        "capacityProviderStrategy": "it has no effect here", "serviceName": "tasknet runs tasks, not services",
        "loadBalancers": "tasknet runs tasks, not services", "serviceRegistries": "tasknet runs tasks, not services",
        "deploymentConfiguration": "tasknet runs tasks, not services", "placementStrategy": "there is one host",
    ]
}
