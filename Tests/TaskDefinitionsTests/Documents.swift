// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Documents that the tests read.
enum Documents {
    /// Every member that AWS's model of a task definition has.
    static let full = #"""
        {
          "taskDefinitionArn": "arn:aws:ecs:us-east-1:123456789012:task-definition/web:3", "family": "web",
          "taskRoleArn": "arn:aws:iam::123456789012:role/task", "executionRoleArn": "arn:aws:iam::123456789012:role/exec",
          "networkMode": "awsvpc", "revision": 3, "status": "ACTIVE", "cpu": "1024", "memory": "2048",
          "registeredAt": 1700000000.123, "deregisteredAt": 1700000001.5, "deleteRequestedAt": 1700000002,
          "registeredBy": "arn:aws:iam::123456789012:root", "pidMode": "task", "ipcMode": "none",
          "enableFaultInjection": false, "ephemeralStorage": {"sizeInGiB": 21},
          "runtimePlatform": {"cpuArchitecture": "X86_64", "operatingSystemFamily": "LINUX"},
          "requiresCompatibilities": ["FARGATE", "EXTERNAL"], "compatibilities": ["EC2", "MANAGED_INSTANCES"],
          "placementConstraints": [{"type": "memberOf", "expression": "attribute:x == y"}],
          "inferenceAccelerators": [{"deviceName": "d", "deviceType": "eia1.medium"}],
          "requiresAttributes": [
            {"name": "ecs.capability.task-eni", "value": "v", "targetType": "container-instance", "targetId": "i"}],
          "proxyConfiguration": {
            "type": "APPMESH", "containerName": "web", "properties": [{"name": "ProxyIngressPort", "value": "15000"}]},
          "volumes": [
            {"name": "host", "host": {"sourcePath": "/srv"}},
            {"name": "docker", "dockerVolumeConfiguration":
              {"scope": "task", "autoprovision": true, "driver": "local", "driverOpts": {"a": "b"}, "labels": {"c": "d"}}},
            {"name": "efs", "efsVolumeConfiguration":
              {"fileSystemId": "fs-1", "rootDirectory": "/", "transitEncryption": "ENABLED", "transitEncryptionPort": 2049,
               "authorizationConfig": {"accessPointId": "fsap-1", "iam": "ENABLED"}}},
            {"name": "s3", "s3filesVolumeConfiguration":
              {"fileSystemArn": "arn:x", "rootDirectory": "/", "transitEncryptionPort": 1, "accessPointArn": "arn:y"}},
            {"name": "fsx", "fsxWindowsFileServerVolumeConfiguration":
              {"fileSystemId": "fs-2", "rootDirectory": "\\share",
               "authorizationConfig": {"credentialsParameter": "arn:z", "domain": "example.org"}}},
            {"name": "later", "configuredAtLaunch": true}],
          "containerDefinitions": [
            {
              "name": "web", "image": "registry.example.org:5000/team/web:1.2@sha256:0123",
              "repositoryCredentials": {"credentialsParameter": "arn:secret"},
              "cpu": 256, "memory": 512, "memoryReservation": 256, "links": [], "essential": true,
              "portMappings": [
                {"containerPort": 80, "hostPort": 80, "protocol": "tcp", "name": "http", "appProtocol": "http2"},
                {"containerPortRange": "8000-8010", "protocol": "udp"}],
              "restartPolicy": {"enabled": true, "ignoredExitCodes": [0, 143], "restartAttemptPeriod": 60},
              "entryPoint": ["/bin/sh", "-c"], "command": ["exec httpd -f"],
              "environment": [{"name": "A", "value": "1"}, {"name": "B", "value": ""}],
              "environmentFiles": [{"value": "arn:aws:s3:::bucket/x.env", "type": "s3"}],
              "mountPoints": [{"sourceVolume": "host", "containerPath": "/srv", "readOnly": true}],
              "volumesFrom": [{"sourceContainer": "init", "readOnly": false}],
              "linuxParameters": {
                "capabilities": {"add": ["NET_ADMIN"], "drop": ["ALL"]},
                "devices": [{"hostPath": "/dev/fuse", "containerPath": "/dev/fuse", "permissions": ["read", "mknod"]}],
                "initProcessEnabled": true, "sharedMemorySize": 64,
                "tmpfs": [{"containerPath": "/tmp", "size": 16, "mountOptions": ["noexec"]}], "maxSwap": 0,
                "swappiness": 60},
              "secrets": [{"name": "S", "valueFrom": "arn:s"}],
              "dependsOn": [{"containerName": "init", "condition": "SUCCESS"}],
              "startTimeout": 60, "stopTimeout": 30, "versionConsistency": "enabled", "user": "1000:1000",
              "workingDirectory": "/srv", "disableNetworking": false, "privileged": false,
              "readonlyRootFilesystem": true, "dnsServers": ["10.0.0.2"], "dnsSearchDomains": ["internal"],
              "extraHosts": [], "dockerSecurityOptions": ["no-new-privileges"], "interactive": false,
              "pseudoTerminal": true, "dockerLabels": {"l": "m"},
              "ulimits": [{"name": "nofile", "softLimit": 1024, "hardLimit": 4096}],
              "logConfiguration": {
                "logDriver": "json-file", "options": {"max-size": "10m"},
                "secretOptions": [{"name": "o", "valueFrom": "arn:o"}]},
              "healthCheck": {
                "command": ["CMD-SHELL", "true"], "interval": 30, "timeout": 5, "retries": 3, "startPeriod": 10},
              "systemControls": [{"namespace": "net.core.somaxconn", "value": "1024"}],
              "resourceRequirements": [{"value": "1", "type": "GPU"}],
              "firelensConfiguration": {"type": "fluentbit", "options": {"config-file-type": "file"}},
              "credentialSpecs": ["credentialspec:arn"]
            },
            {"name": "init", "image": "busybox", "essential": false, "hostname": "",
             "extraHosts": []}
          ]
        }
        """#

    /// The JSON value of a text, for comparisons that ignore the order of members.
    static func object(_ text: String) throws -> NSDictionary { try object(Data(text.utf8)) }

    static func object(_ data: Data) throws -> NSDictionary {
        try JSONSerialization.jsonObject(with: data) as? NSDictionary ?? [:]
    }
}
