-- A state as a daemon of schema 4 left it when it was killed: Tests/AgentTests/Store/Schemas/README.md
PRAGMA application_id = 1953391988;
CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
INSERT INTO grdb_migrations VALUES('1 tasks and their networks');
INSERT INTO grdb_migrations VALUES('2 sandboxes');
INSERT INTO grdb_migrations VALUES('3 security groups');
INSERT INTO grdb_migrations VALUES('4 released addresses');
CREATE TABLE metadata (
    key TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO metadata VALUES('boot id','5c6f2f0e-9d57-4c1b-8a6e-3f1f5d0c7b21');
INSERT INTO metadata VALUES('host network plan','{"requirements":[{"link":{"isUp":true,"name":"lo","scope":"host"}},{"address":{"address":"10.64.1.1/32","link":"lo","scope":"host"}},{"route":{"destination":"10.64.1.0/24","scope":"host","type":"unreachable"}},{"address":{"address":"fd00:64:0:1::1/128","link":"lo","scope":"host"}},{"route":{"destination":"fd00:64:0:1::/64","scope":"host","type":"unreachable"}}]}');
INSERT INTO metadata VALUES('last IPv4 address of subnet-0a400100180000000','10.64.1.7');
INSERT INTO metadata VALUES('last IPv6 address of subnet-0a400100180000000','fd00:64:0:1::7');
CREATE TABLE task_definitions (
    family TEXT NOT NULL,
    revision INTEGER NOT NULL CHECK (revision > 0),
    record TEXT NOT NULL CHECK (json_valid(record)),
    status TEXT NOT NULL AS (json_extract(record, '$.definition.status')) VIRTUAL,
    PRIMARY KEY (family, revision)
) STRICT, WITHOUT ROWID;
INSERT INTO task_definitions VALUES('job',1,'{"definition":{"compatibilities":["EC2"],"containerDefinitions":[{"command":["sh","-c","exit 3"],"cpu":0,"environment":[],"essential":true,"image":"busybox","memory":64,"mountPoints":[],"name":"job","portMappings":[],"systemControls":[],"volumesFrom":[]}],"family":"job","networkMode":"awsvpc","placementConstraints":[],"registeredAt":1795825631.398,"registeredBy":"arn:aws:iam::000000000000:user/uid-0","requiresAttributes":[{"name":"ecs.capability.task-eni"}],"revision":1,"status":"ACTIVE","taskDefinitionArn":"arn:aws:ecs:us-east-1:000000000000:task-definition/job:1","volumes":[]},"tags":[]}');
INSERT INTO task_definitions VALUES('web',1,'{"definition":{"compatibilities":["EC2","FARGATE"],"containerDefinitions":[{"command":["httpd","-f","-p","80"],"cpu":0,"environment":[{"name":"A","value":"it''s"}],"essential":true,"healthCheck":{"command":["CMD-SHELL","true"],"interval":30,"retries":3,"timeout":5},"image":"busybox","mountPoints":[],"name":"app","portMappings":[{"containerPort":80,"hostPort":80,"protocol":"tcp"}],"systemControls":[],"volumesFrom":[]},{"command":["sleep","10000"],"cpu":0,"dependsOn":[{"condition":"START","containerName":"app"}],"environment":[],"essential":false,"image":"busybox","mountPoints":[],"name":"sidecar","portMappings":[],"systemControls":[],"volumesFrom":[]}],"cpu":"256","family":"web","memory":"512","networkMode":"awsvpc","placementConstraints":[],"registeredAt":1795825629.535,"registeredBy":"arn:aws:iam::000000000000:user/uid-0","requiresAttributes":[{"name":"ecs.capability.container-health-check"},{"name":"ecs.capability.container-ordering"},{"name":"ecs.capability.task-eni"}],"requiresCompatibilities":["FARGATE"],"revision":1,"status":"ACTIVE","taskDefinitionArn":"arn:aws:ecs:us-east-1:000000000000:task-definition/web:1","volumes":[]},"tags":[{"key":"team","value":"shop"}]}');
INSERT INTO task_definitions VALUES('web',2,'{"definition":{"compatibilities":["EC2","FARGATE"],"containerDefinitions":[{"command":["httpd","-f","-p","80"],"cpu":0,"environment":[{"name":"A","value":"it''s"}],"essential":true,"healthCheck":{"command":["CMD-SHELL","true"],"interval":30,"retries":3,"timeout":5},"image":"busybox","mountPoints":[],"name":"app","portMappings":[{"containerPort":80,"hostPort":80,"protocol":"tcp"}],"systemControls":[],"volumesFrom":[]},{"command":["sleep","10000"],"cpu":0,"dependsOn":[{"condition":"START","containerName":"app"}],"environment":[],"essential":false,"image":"busybox","mountPoints":[],"name":"sidecar","portMappings":[],"systemControls":[],"volumesFrom":[]}],"cpu":"256","family":"web","memory":"512","networkMode":"awsvpc","placementConstraints":[],"registeredAt":1795825630.109,"registeredBy":"arn:aws:iam::000000000000:user/uid-0","requiresAttributes":[{"name":"ecs.capability.container-health-check"},{"name":"ecs.capability.container-ordering"},{"name":"ecs.capability.task-eni"}],"requiresCompatibilities":["FARGATE"],"revision":2,"status":"ACTIVE","taskDefinitionArn":"arn:aws:ecs:us-east-1:000000000000:task-definition/web:2","volumes":[]},"tags":[{"key":"team","value":"shop"}]}');
CREATE TABLE tasks (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    family TEXT NOT NULL,
    revision INTEGER NOT NULL,
    record TEXT NOT NULL CHECK (json_valid(record)),
    last_status TEXT NOT NULL AS (json_extract(record, '$.lastStatus')) VIRTUAL,
    desired_status TEXT NOT NULL AS (json_extract(record, '$.desiredStatus')) VIRTUAL,
    started_by TEXT AS (json_extract(record, '$.startedBy')) VIRTUAL,
    client_token TEXT AS (json_extract(record, '$.clientToken')) VIRTUAL,
    stopped_at REAL AS (json_extract(record, '$.stoppedAt')) VIRTUAL,
    FOREIGN KEY (family, revision) REFERENCES task_definitions
) STRICT;
INSERT INTO tasks VALUES(1,'22f6e026d4038f9e50ebd238d750fd1f','web',1,'{"arn":"arn:aws:ecs:us-east-1:000000000000:task/default/22f6e026d4038f9e50ebd238d750fd1f","availabilityZone":"us-east-1a","connectivity":"CONNECTED","connectivityAt":1795825629.549,"cpu":"256","createdAt":1795825629.549,"desiredStatus":"RUNNING","enableExecuteCommand":false,"family":"web","group":"family:web","healthStatus":"UNKNOWN","hostname":"ip-10-64-1-4.ec2.internal","id":"22f6e026d4038f9e50ebd238d750fd1f","lastStatus":"RUNNING","launchType":"EXTERNAL","memory":"512","namespacePath":"/run/netns/22f6e026d4038f9e50ebd238d750fd1f","pause":{"processID":46,"startTime":2525495},"revision":1,"startedAt":1795825629.856,"tags":[],"version":6}');
INSERT INTO tasks VALUES(2,'b75e3e0638135cec2eeeca56debf3dc2','web',2,'{"arn":"arn:aws:ecs:us-east-1:000000000000:task/default/b75e3e0638135cec2eeeca56debf3dc2","availabilityZone":"us-east-1a","connectivity":"CONNECTED","connectivityAt":1795825630.133,"cpu":"256","createdAt":1795825630.133,"desiredStatus":"STOPPED","enableExecuteCommand":false,"executionStoppedAt":1795825631.004,"family":"web","group":"family:web","healthStatus":"UNKNOWN","hostname":"ip-10-64-1-5.ec2.internal","id":"b75e3e0638135cec2eeeca56debf3dc2","lastStatus":"STOPPED","launchType":"EXTERNAL","memory":"512","namespacePath":"/run/netns/b75e3e0638135cec2eeeca56debf3dc2","pause":{"processID":53,"startTime":2525543},"revision":2,"startedAt":1795825630.317,"stopCode":"UserInitiated","stoppedAt":1795825631.151,"stoppedReason":"Task stopped by user","stoppingAt":1795825630.626,"tags":[],"version":11}');
INSERT INTO tasks VALUES(3,'d7ca383e70ca80ea1a9aaa25d8013063','job',1,'{"arn":"arn:aws:ecs:us-east-1:000000000000:task/default/d7ca383e70ca80ea1a9aaa25d8013063","availabilityZone":"us-east-1a","connectivity":"CONNECTED","connectivityAt":1795825631.404,"createdAt":1795825631.404,"desiredStatus":"STOPPED","enableExecuteCommand":false,"executionStoppedAt":1795825631.699,"family":"job","group":"family:job","healthStatus":"UNKNOWN","hostname":"ip-10-64-1-6.ec2.internal","id":"d7ca383e70ca80ea1a9aaa25d8013063","lastStatus":"STOPPED","launchType":"EXTERNAL","namespacePath":"/run/netns/d7ca383e70ca80ea1a9aaa25d8013063","pause":{"processID":61,"startTime":2525672},"revision":1,"startedAt":1795825631.614,"stopCode":"EssentialContainerExited","stoppedAt":1795825631.748,"stoppedReason":"Essential container in task exited","stoppingAt":1795825631.699,"tags":[],"version":8}');
CREATE TABLE containers (
    task_id TEXT NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    record TEXT NOT NULL CHECK (json_valid(record)),
    last_status TEXT NOT NULL AS (json_extract(record, '$.lastStatus')) VIRTUAL,
    PRIMARY KEY (task_id, position),
    UNIQUE (task_id, name)
) STRICT, WITHOUT ROWID;
INSERT INTO containers VALUES('22f6e026d4038f9e50ebd238d750fd1f',0,'app','{"arn":"arn:aws:ecs:us-east-1:000000000000:container/default/22f6e026d4038f9e50ebd238d750fd1f/decf390f-9266-477c-961c-1659bdbe8e44","cpu":"0","createdAt":1795825629.549,"healthStatus":"UNKNOWN","id":"decf390f-9266-477c-961c-1659bdbe8e44","image":"busybox","isEssential":true,"lastStatus":"RUNNING","name":"app","process":{"processID":48,"startTime":2525502},"restartCount":0,"runtimeID":"22f6e026d4038f9e50ebd238d750fd1f-3076243950","startedAt":1795825629.781,"taskID":"22f6e026d4038f9e50ebd238d750fd1f"}');
INSERT INTO containers VALUES('22f6e026d4038f9e50ebd238d750fd1f',1,'sidecar','{"arn":"arn:aws:ecs:us-east-1:000000000000:container/default/22f6e026d4038f9e50ebd238d750fd1f/afe464ab-4638-458f-9bc4-321a06ccdf15","cpu":"0","createdAt":1795825629.549,"healthStatus":"UNKNOWN","id":"afe464ab-4638-458f-9bc4-321a06ccdf15","image":"busybox","isEssential":false,"lastStatus":"RUNNING","name":"sidecar","process":{"processID":50,"startTime":2525511},"restartCount":0,"runtimeID":"22f6e026d4038f9e50ebd238d750fd1f-1163523628","startedAt":1795825629.856,"taskID":"22f6e026d4038f9e50ebd238d750fd1f"}');
INSERT INTO containers VALUES('b75e3e0638135cec2eeeca56debf3dc2',0,'app','{"arn":"arn:aws:ecs:us-east-1:000000000000:container/default/b75e3e0638135cec2eeeca56debf3dc2/7f599bac-4a0f-4c45-8043-b74ef388cf90","cpu":"0","createdAt":1795825630.133,"exitCode":143,"finishedAt":1795825630.986,"healthStatus":"UNKNOWN","id":"7f599bac-4a0f-4c45-8043-b74ef388cf90","image":"busybox","isEssential":true,"lastStatus":"STOPPED","name":"app","restartCount":0,"runtimeID":"b75e3e0638135cec2eeeca56debf3dc2-1875753535","startedAt":1795825630.224,"taskID":"b75e3e0638135cec2eeeca56debf3dc2"}');
INSERT INTO containers VALUES('b75e3e0638135cec2eeeca56debf3dc2',1,'sidecar','{"arn":"arn:aws:ecs:us-east-1:000000000000:container/default/b75e3e0638135cec2eeeca56debf3dc2/0e5fbf98-01dc-4bbd-9c54-bbf94fab12d0","cpu":"0","createdAt":1795825630.133,"exitCode":143,"finishedAt":1795825630.823,"healthStatus":"UNKNOWN","id":"0e5fbf98-01dc-4bbd-9c54-bbf94fab12d0","image":"busybox","isEssential":false,"lastStatus":"STOPPED","name":"sidecar","restartCount":0,"runtimeID":"b75e3e0638135cec2eeeca56debf3dc2-3490847483","startedAt":1795825630.312,"taskID":"b75e3e0638135cec2eeeca56debf3dc2"}');
INSERT INTO containers VALUES('d7ca383e70ca80ea1a9aaa25d8013063',0,'job','{"arn":"arn:aws:ecs:us-east-1:000000000000:container/default/d7ca383e70ca80ea1a9aaa25d8013063/2baf1c59-8dc4-400d-896d-6378f27c6877","cpu":"0","createdAt":1795825631.404,"exitCode":3,"finishedAt":1795825631.652,"healthStatus":"UNKNOWN","id":"2baf1c59-8dc4-400d-896d-6378f27c6877","image":"busybox","isEssential":true,"lastStatus":"STOPPED","memory":"64","name":"job","restartCount":0,"runtimeID":"d7ca383e70ca80ea1a9aaa25d8013063-1673643088","startedAt":1795825631.568,"taskID":"d7ca383e70ca80ea1a9aaa25d8013063"}');
CREATE TABLE network_plans (
    task_id TEXT PRIMARY KEY NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
    plan TEXT NOT NULL CHECK (json_valid(plan))
) STRICT, WITHOUT ROWID;
INSERT INTO network_plans VALUES('22f6e026d4038f9e50ebd238d750fd1f','[{"plan":{"requirements":[{"namespace":{}},{"veth":{"hostGroup":1953366017,"hostName":"tn-95dc4a9f2f02","hostIndex":28786263,"hostMACAddress":"0e:65:a2:8c:65:c8","name":"eth0","alias":"tasknet 22f6e026d4038f9e50ebd238d750fd1f eni-04b3e95dc4a9f2f02","mtu":1500,"index":2,"macAddress":"0a:65:a2:8c:65:c8"}},{"link":{"scope":"task","makesLinkLocalAddress":false,"name":"eth0"}},{"sysctl":{"scope":"host","value":0,"key":"accept_ra","link":"tn-95dc4a9f2f02"}},{"sysctl":{"key":"force_forwarding","link":"tn-95dc4a9f2f02","scope":"host","value":1}},{"link":{"alias":"tasknet 22f6e026d4038f9e50ebd238d750fd1f eni-04b3e95dc4a9f2f02","ipv4":{"answersForOthers":true,"forwards":true,"reversePathFilter":1,"proxyDelayIsZero":true},"scope":"host","name":"tn-95dc4a9f2f02","isUp":true,"makesLinkLocalAddress":false}},{"link":{"name":"lo","isUp":true,"scope":"task"}},{"address":{"scope":"task","address":"10.64.1.4\/24","link":"eth0"}},{"address":{"address":"fd00:64:0:1::4\/128","link":"eth0","scope":"task"}},{"address":{"scope":"task","link":"eth0","address":"fe80::865:a2ff:fe8c:65c8\/64"}},{"neighbour":{"scope":"task","macAddress":"0e:65:a2:8c:65:c8","address":"10.64.1.1","link":"eth0"}},{"neighbour":{"scope":"task","address":"fe80::1","link":"eth0","macAddress":"0e:65:a2:8c:65:c8"}},{"route":{"type":"unicast","gateway":"10.64.1.1","destination":"0.0.0.0\/0","scope":"task","link":"eth0"}},{"route":{"link":"eth0","destination":"::\/0","scope":"task","gateway":"fe80::1","type":"unicast"}},{"address":{"scope":"task","link":"lo","address":"169.254.170.2\/32"}},{"address":{"scope":"task","link":"lo","address":"169.254.169.253\/32"}},{"ready":{"name":"eth0","ipv6Addresses":["fd00:64:0:1::4"]}},{"neighbour":{"scope":"host","address":"10.64.1.4","macAddress":"0a:65:a2:8c:65:c8","link":"tn-95dc4a9f2f02"}},{"route":{"scope":"host","type":"unicast","source":"10.64.1.1","destination":"10.64.1.4\/32","link":"tn-95dc4a9f2f02"}},{"neighbour":{"scope":"host","address":"fd00:64:0:1::4","macAddress":"0a:65:a2:8c:65:c8","link":"tn-95dc4a9f2f02"}},{"route":{"destination":"fd00:64:0:1::4\/128","link":"tn-95dc4a9f2f02","type":"unicast","scope":"host"}},{"file":{"contents":"127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n10.64.1.4\tip-10-64-1-4.ec2.internal\nfd00:64:0:1::4\tip-10-64-1-4.ec2.internal\n","path":"\/run\/tasknet\/tasks\/22f6e026d4038f9e50ebd238d750fd1f\/hosts"}},{"file":{"path":"\/run\/tasknet\/tasks\/22f6e026d4038f9e50ebd238d750fd1f\/resolv.conf","contents":"search ec2.internal\nnameserver 10.255.255.53\n"}},{"file":{"contents":"ip-10-64-1-4.ec2.internal\n","path":"\/run\/tasknet\/tasks\/22f6e026d4038f9e50ebd238d750fd1f\/hostname"}}],"remarks":[],"namespacePath":"\/run\/netns\/22f6e026d4038f9e50ebd238d750fd1f","taskID":"22f6e026d4038f9e50ebd238d750fd1f"}},{"networkInterfaceID":"eni-0123456789abcdef0","plan":{"requirements":[{"device":{"mtu":1500,"isUp":true,"name":"eth1","original":{"isUp":false,"addresses":[{"isWithoutPrefixRoute":false,"isWithoutDetection":false,"address":"192.0.2.5\/24","label":"nic0","scope":0}],"index":3,"name":"nic0","macAddress":"92:bb:97:dc:dc:50","mtu":1500},"isMarked":false}},{"link":{"name":"eth1","scope":"task","ipv4":{"reversePathFilter":2,"proxyDelayIsZero":false}}},{"link":{"name":"lo","isUp":true,"scope":"task"}},{"address":{"scope":"task","link":"eth1","address":"10.9.0.7\/24"}},{"rule":{"source":"10.9.0.7\/32","table":10001,"scope":"task","priority":10001}},{"route":{"source":"10.9.0.7","scope":"task","type":"unicast","destination":"10.9.0.0\/24","table":10001,"link":"eth1"}},{"route":{"destination":"0.0.0.0\/0","link":"eth1","table":10001,"type":"unicast","gateway":"10.9.0.1","scope":"task"}}],"namespacePath":"\/run\/netns\/22f6e026d4038f9e50ebd238d750fd1f","remarks":[],"taskID":"22f6e026d4038f9e50ebd238d750fd1f"}}]');
CREATE TABLE network_interfaces (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    attachment_id TEXT NOT NULL UNIQUE,
    task_id TEXT REFERENCES tasks (id) ON DELETE CASCADE,
    subnet_id TEXT,
    mac_address TEXT NOT NULL,
    record TEXT NOT NULL CHECK (json_valid(record)),
    status TEXT NOT NULL AS (json_extract(record, '$.status')) VIRTUAL
) STRICT;
INSERT INTO network_interfaces VALUES(1,'eni-04b3e95dc4a9f2f02','f6673892-2350-480c-9552-76e7fe67ffc3','22f6e026d4038f9e50ebd238d750fd1f','subnet-0a400100180000000','0a:65:a2:8c:65:c8','{"attachedAt":1795825629.669,"createdAt":1795825629.549,"kind":"veth","networkInterface":{"association":{"default":{}},"attachmentID":"f6673892-2350-480c-9552-76e7fe67ffc3","domainNameServers":["10.255.255.53"],"domainNames":["ec2.internal"],"id":"eni-04b3e95dc4a9f2f02","index":0,"ipv4Addresses":[{"address":"10.64.1.4","primary":true}],"ipv6Addresses":[{"address":"fd00:64:0:1::4","primary":true}],"macAddress":"0a:65:a2:8c:65:c8","privateDNSName":"ip-10-64-1-4.ec2.internal","securityGroupIDs":["sg-60707ab30957700db","sg-184ebf1e6164c389a"],"subnetGatewayIPv4":"10.64.1.1/24","subnetGatewayIPv6":"fe80::1","subnetID":"subnet-0a400100180000000"},"origin":"daemon","status":"ATTACHED","taskID":"22f6e026d4038f9e50ebd238d750fd1f"}');
INSERT INTO network_interfaces VALUES(2,'eni-36c89503730fc7c72','a5de8c55-c828-4036-95f8-be24e2274948','b75e3e0638135cec2eeeca56debf3dc2','subnet-0a400100180000000','0a:e0:c3:00:b0:15','{"attachedAt":1795825630.164,"createdAt":1795825630.133,"kind":"veth","networkInterface":{"association":{"default":{}},"attachmentID":"a5de8c55-c828-4036-95f8-be24e2274948","domainNameServers":["10.255.255.53"],"domainNames":["ec2.internal"],"id":"eni-36c89503730fc7c72","index":0,"ipv4Addresses":[{"address":"10.64.1.5","primary":true}],"ipv6Addresses":[{"address":"fd00:64:0:1::5","primary":true}],"macAddress":"0a:e0:c3:00:b0:15","privateDNSName":"ip-10-64-1-5.ec2.internal","securityGroupIDs":["sg-184ebf1e6164c389a"],"subnetGatewayIPv4":"10.64.1.1/24","subnetGatewayIPv6":"fe80::1","subnetID":"subnet-0a400100180000000"},"origin":"daemon","status":"DELETED","taskID":"b75e3e0638135cec2eeeca56debf3dc2"}');
INSERT INTO network_interfaces VALUES(3,'eni-263e20713b497178e','303e94eb-868d-445a-a31a-d567cc1cb6e8','d7ca383e70ca80ea1a9aaa25d8013063','subnet-0a400100180000000','0a:d4:fc:c1:28:46','{"attachedAt":1795825631.431,"createdAt":1795825631.404,"kind":"veth","networkInterface":{"association":{"default":{}},"attachmentID":"303e94eb-868d-445a-a31a-d567cc1cb6e8","domainNameServers":["10.255.255.53"],"domainNames":["ec2.internal"],"id":"eni-263e20713b497178e","index":0,"ipv4Addresses":[{"address":"10.64.1.6","primary":true}],"ipv6Addresses":[{"address":"fd00:64:0:1::6","primary":true}],"macAddress":"0a:d4:fc:c1:28:46","privateDNSName":"ip-10-64-1-6.ec2.internal","securityGroupIDs":["sg-184ebf1e6164c389a"],"subnetGatewayIPv4":"10.64.1.1/24","subnetGatewayIPv6":"fe80::1","subnetID":"subnet-0a400100180000000"},"origin":"daemon","status":"DELETED","taskID":"d7ca383e70ca80ea1a9aaa25d8013063"}');
INSERT INTO network_interfaces VALUES(4,'eni-0123456789abcdef0','0f9c3b1e-1111-4222-8333-444455556666','22f6e026d4038f9e50ebd238d750fd1f',NULL,'92:bb:97:dc:dc:50','{"attachedAt":1795825632.239,"createdAt":1795825632.195,"expiresAt":1795825812.195,"kind":"device","networkInterface":{"association":{"default":{}},"attachmentID":"0f9c3b1e-1111-4222-8333-444455556666","domainNameServers":[],"domainNames":[],"id":"eni-0123456789abcdef0","index":1,"ipv4Addresses":[{"address":"10.9.0.7","primary":true}],"ipv6Addresses":[],"macAddress":"92:bb:97:dc:dc:50","securityGroupIDs":["sg-184ebf1e6164c389a"],"subnetGatewayIPv4":"10.9.0.1/24"},"origin":"attached","status":"ATTACHED","taskID":"22f6e026d4038f9e50ebd238d750fd1f"}');
INSERT INTO network_interfaces VALUES(5,'eni-0fedcba9876543210','1f9c3b1e-1111-4222-8333-444455556666','22f6e026d4038f9e50ebd238d750fd1f',NULL,'02:00:00:00:00:99','{"createdAt":1795825632.638,"expiresAt":1795825812.638,"kind":"device","networkInterface":{"association":{"default":{}},"attachmentID":"1f9c3b1e-1111-4222-8333-444455556666","domainNameServers":[],"domainNames":[],"id":"eni-0fedcba9876543210","index":2,"ipv4Addresses":[{"address":"10.9.0.8","primary":true}],"ipv6Addresses":[],"macAddress":"02:00:00:00:00:99","securityGroupIDs":["sg-184ebf1e6164c389a"],"subnetGatewayIPv4":"10.9.0.1/24"},"origin":"attached","status":"ATTACHING","taskID":"22f6e026d4038f9e50ebd238d750fd1f"}');
INSERT INTO network_interfaces VALUES(6,'eni-8d5fdc699e206d2b2','1293ba7f-6d14-4ef0-929c-3c8517c7b58a',NULL,'subnet-0a400100180000000','0a:e6:c1:70:2a:1a','{"attachedAt":1795825632.842,"createdAt":1795825632.774,"expiresAt":1795825632.774,"kind":"veth","networkInterface":{"association":{"default":{}},"attachmentID":"1293ba7f-6d14-4ef0-929c-3c8517c7b58a","domainNameServers":["10.255.255.53"],"domainNames":["ec2.internal"],"id":"eni-8d5fdc699e206d2b2","index":0,"ipv4Addresses":[{"address":"10.64.1.7","primary":true}],"ipv6Addresses":[{"address":"fd00:64:0:1::7","primary":true}],"macAddress":"0a:e6:c1:70:2a:1a","privateDNSName":"ip-10-64-1-7.ec2.internal","securityGroupIDs":["sg-184ebf1e6164c389a"],"subnetGatewayIPv4":"10.64.1.1/24","subnetGatewayIPv6":"fe80::1","subnetID":"subnet-0a400100180000000"},"origin":"sandbox","sandbox":{"key":{"containerID":"4f0c3a9d2e1b4f0c3a9d2e1b4f0c3a9d2e1b4f0c3a9d2e1b4f0c3a9d2e1b4f0c","interfaceName":"eth0","network":"tasknet"},"namespace":{"bootID":"5c6f2f0e-9d57-4c1b-8a6e-3f1f5d0c7b21","cookie":158412,"device":4,"inode":4026532331},"path":"/run/netns/sandbox1","podName":"web-0","podNamespace":"shop"},"status":"ATTACHED"}');
CREATE TABLE address_leases (
    address TEXT PRIMARY KEY NOT NULL,
    subnet_id TEXT NOT NULL,
    network_interface_id TEXT NOT NULL REFERENCES network_interfaces (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
INSERT INTO address_leases VALUES('10.64.1.4','subnet-0a400100180000000','eni-04b3e95dc4a9f2f02');
INSERT INTO address_leases VALUES('10.64.1.7','subnet-0a400100180000000','eni-8d5fdc699e206d2b2');
INSERT INTO address_leases VALUES('fd00:64:0:1::4','subnet-0a400100180000000','eni-04b3e95dc4a9f2f02');
INSERT INTO address_leases VALUES('fd00:64:0:1::7','subnet-0a400100180000000','eni-8d5fdc699e206d2b2');
CREATE TABLE sandbox_attachments (
    network TEXT NOT NULL,
    container_id TEXT NOT NULL,
    interface_name TEXT NOT NULL,
    network_interface_id TEXT NOT NULL UNIQUE REFERENCES network_interfaces (id) ON DELETE CASCADE,
    namespace TEXT NOT NULL,
    position INTEGER NOT NULL,
    plan TEXT NOT NULL CHECK (json_valid(plan)),
    PRIMARY KEY (network, container_id, interface_name),
    UNIQUE (namespace, position)
) STRICT, WITHOUT ROWID;
INSERT INTO sandbox_attachments VALUES('tasknet','4f0c3a9d2e1b4f0c3a9d2e1b4f0c3a9d2e1b4f0c3a9d2e1b4f0c3a9d2e1b4f0c','eth0','eni-8d5fdc699e206d2b2','5c6f2f0e-9d57-4c1b-8a6e-3f1f5d0c7b21 4 4026532331 158412',0,'{"namespacePath":"/run/netns/sandbox1","remarks":[],"requirements":[{"veth":{"alias":"tasknet 4f0c3a9d2e1b4f0c3a9d2e1b4f0c3a9d2e1b4f0c3a9d2e1b4f0c3a9d2e1b4f0c eni-8d5fdc699e206d2b2","hostGroup":1953366018,"hostIndex":24978061,"hostMACAddress":"0e:e6:c1:70:2a:1a","hostName":"tn-c699e206d2b2","index":2,"macAddress":"0a:e6:c1:70:2a:1a","mtu":1500,"name":"eth0"}},{"link":{"makesLinkLocalAddress":false,"name":"eth0","scope":"task"}},{"sysctl":{"key":"accept_ra","link":"tn-c699e206d2b2","scope":"host","value":0}},{"sysctl":{"key":"force_forwarding","link":"tn-c699e206d2b2","scope":"host","value":1}},{"link":{"alias":"tasknet 4f0c3a9d2e1b4f0c3a9d2e1b4f0c3a9d2e1b4f0c3a9d2e1b4f0c3a9d2e1b4f0c eni-8d5fdc699e206d2b2","ipv4":{"answersForOthers":true,"forwards":true,"proxyDelayIsZero":true,"reversePathFilter":1},"isUp":true,"makesLinkLocalAddress":false,"name":"tn-c699e206d2b2","scope":"host"}},{"link":{"isUp":true,"name":"lo","scope":"task"}},{"address":{"address":"10.64.1.7/24","link":"eth0","scope":"task"}},{"address":{"address":"fd00:64:0:1::7/128","link":"eth0","scope":"task"}},{"address":{"address":"fe80::8e6:c1ff:fe70:2a1a/64","link":"eth0","scope":"task"}},{"neighbour":{"address":"10.64.1.1","link":"eth0","macAddress":"0e:e6:c1:70:2a:1a","scope":"task"}},{"neighbour":{"address":"fe80::1","link":"eth0","macAddress":"0e:e6:c1:70:2a:1a","scope":"task"}},{"route":{"destination":"0.0.0.0/0","gateway":"10.64.1.1","link":"eth0","scope":"task","type":"unicast"}},{"route":{"destination":"::/0","gateway":"fe80::1","link":"eth0","scope":"task","type":"unicast"}},{"ready":{"ipv6Addresses":["fd00:64:0:1::7"],"name":"eth0"}},{"neighbour":{"address":"10.64.1.7","link":"tn-c699e206d2b2","macAddress":"0a:e6:c1:70:2a:1a","scope":"host"}},{"route":{"destination":"10.64.1.7/32","link":"tn-c699e206d2b2","scope":"host","source":"10.64.1.1","type":"unicast"}},{"neighbour":{"address":"fd00:64:0:1::7","link":"tn-c699e206d2b2","macAddress":"0a:e6:c1:70:2a:1a","scope":"host"}},{"route":{"destination":"fd00:64:0:1::7/128","link":"tn-c699e206d2b2","scope":"host","type":"unicast"}}],"taskID":"4f0c3a9d2e1b4f0c3a9d2e1b4f0c3a9d2e1b4f0c3a9d2e1b4f0c3a9d2e1b4f0c"}');
CREATE TABLE security_groups (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    vpc_id TEXT NOT NULL,
    name TEXT NOT NULL,
    record TEXT NOT NULL CHECK (json_valid(record)),
    UNIQUE (vpc_id, name)
) STRICT;
INSERT INTO security_groups VALUES(1,'sg-60707ab30957700db','vpc-0a400000100000000','web','{"createdAt":1795825629.187,"group":{"groupDescription":"the shop","id":"sg-60707ab30957700db","name":"web","rules":[{"direction":"egress","id":"sgr-ba6601275e5645659","ipProtocol":"-1","peer":{"ipv4":{"_0":"0.0.0.0/0"}}},{"direction":"egress","id":"sgr-d1a429c917a39c7e6","ipProtocol":"-1","peer":{"ipv6":{"_0":"::/0"}}},{"direction":"ingress","fromPort":80,"id":"sgr-675eb65868479b777","ipProtocol":"tcp","peer":{"ipv4":{"_0":"203.0.113.0/24"}},"toPort":80}],"vpcID":"vpc-0a400000100000000"}}');
CREATE TABLE security_group_combinations (
    number INTEGER PRIMARY KEY,
    group_ids TEXT NOT NULL UNIQUE
) STRICT;
INSERT INTO security_group_combinations VALUES(1953366017,'sg-184ebf1e6164c389a sg-60707ab30957700db');
INSERT INTO security_group_combinations VALUES(1953366018,'sg-184ebf1e6164c389a');
CREATE TABLE released_addresses (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    address TEXT NOT NULL UNIQUE,
    subnet_id TEXT NOT NULL
) STRICT;
INSERT INTO released_addresses VALUES(1,'10.64.1.5','subnet-0a400100180000000');
INSERT INTO released_addresses VALUES(2,'fd00:64:0:1::5','subnet-0a400100180000000');
INSERT INTO released_addresses VALUES(3,'10.64.1.6','subnet-0a400100180000000');
INSERT INTO released_addresses VALUES(4,'fd00:64:0:1::6','subnet-0a400100180000000');
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('security_groups',1);
INSERT INTO sqlite_sequence VALUES('tasks',3);
INSERT INTO sqlite_sequence VALUES('released_addresses',4);
INSERT INTO sqlite_sequence VALUES('network_interfaces',6);
CREATE INDEX tasks_by_desired_status ON tasks (desired_status, sequence);
CREATE INDEX tasks_by_last_status ON tasks (last_status);
CREATE INDEX tasks_by_definition ON tasks (family, revision);
CREATE INDEX tasks_by_client_token ON tasks (client_token) WHERE client_token IS NOT NULL;
CREATE INDEX network_interfaces_by_task ON network_interfaces (task_id);
CREATE UNIQUE INDEX network_interfaces_by_mac_address ON network_interfaces (mac_address)
    WHERE status NOT IN ('DETACHED', 'DELETED', 'FAILED');
CREATE INDEX address_leases_by_subnet ON address_leases (subnet_id);
CREATE INDEX address_leases_by_network_interface ON address_leases (network_interface_id);
CREATE INDEX released_addresses_by_subnet ON released_addresses (subnet_id, sequence);
CREATE TRIGGER address_released AFTER DELETE ON address_leases BEGIN
    INSERT OR REPLACE INTO released_addresses (address, subnet_id) VALUES (old.address, old.subnet_id);
    DELETE FROM released_addresses WHERE subnet_id = old.subnet_id AND sequence <= (
        SELECT sequence FROM released_addresses WHERE subnet_id = old.subnet_id
        ORDER BY sequence DESC LIMIT 1 OFFSET 2048
    );
END;
CREATE TRIGGER address_leased AFTER INSERT ON address_leases BEGIN
    DELETE FROM released_addresses WHERE address = new.address;
END;
