-- A state as a daemon of schema 5 left it when it was killed: Tests/AgentTests/Store/Schemas/README.md
PRAGMA application_id = 1953391988;
CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
INSERT INTO grdb_migrations VALUES('1 tasks and their networks');
INSERT INTO grdb_migrations VALUES('2 sandboxes');
INSERT INTO grdb_migrations VALUES('3 security groups');
INSERT INTO grdb_migrations VALUES('4 released addresses');
INSERT INTO grdb_migrations VALUES('5 events');
CREATE TABLE metadata (
    key TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO metadata VALUES('boot id','5c6f2f0e-9d57-4c1b-8a6e-3f1f5d0c7b21');
INSERT INTO metadata VALUES('host network plan','{"requirements":[{"link":{"isUp":true,"name":"lo","scope":"host"}},{"address":{"address":"10.64.1.1/32","link":"lo","scope":"host"}},{"route":{"destination":"10.64.1.0/24","scope":"host","type":"unreachable"}},{"address":{"address":"fd00:64:0:1::1/128","link":"lo","scope":"host"}},{"route":{"destination":"fd00:64:0:1::/64","scope":"host","type":"unreachable"}}]}');
INSERT INTO metadata VALUES('last IPv4 address of subnet-0a400100180000000','10.64.1.7');
INSERT INTO metadata VALUES('last IPv6 address of subnet-0a400100180000000','fd00:64:0:1::7');
INSERT INTO metadata VALUES('run','started');
INSERT INTO metadata VALUES('version','0.1.0');
CREATE TABLE task_definitions (
    family TEXT NOT NULL,
    revision INTEGER NOT NULL CHECK (revision > 0),
    record TEXT NOT NULL CHECK (json_valid(record)),
    status TEXT NOT NULL AS (json_extract(record, '$.definition.status')) VIRTUAL,
    PRIMARY KEY (family, revision)
) STRICT, WITHOUT ROWID;
INSERT INTO task_definitions VALUES('job',1,'{"definition":{"compatibilities":["EC2"],"containerDefinitions":[{"command":["sh","-c","exit 3"],"cpu":0,"environment":[],"essential":true,"image":"busybox","memory":64,"mountPoints":[],"name":"job","portMappings":[],"systemControls":[],"volumesFrom":[]}],"family":"job","networkMode":"awsvpc","placementConstraints":[],"registeredAt":1795825880.211,"registeredBy":"arn:aws:iam::000000000000:user/uid-0","requiresAttributes":[{"name":"ecs.capability.task-eni"}],"revision":1,"status":"ACTIVE","taskDefinitionArn":"arn:aws:ecs:us-east-1:000000000000:task-definition/job:1","volumes":[]},"tags":[]}');
INSERT INTO task_definitions VALUES('web',1,'{"definition":{"compatibilities":["EC2","FARGATE"],"containerDefinitions":[{"command":["httpd","-f","-p","80"],"cpu":0,"environment":[{"name":"A","value":"it''s"}],"essential":true,"healthCheck":{"command":["CMD-SHELL","true"],"interval":30,"retries":3,"timeout":5},"image":"busybox","mountPoints":[],"name":"app","portMappings":[{"containerPort":80,"hostPort":80,"protocol":"tcp"}],"systemControls":[],"volumesFrom":[]},{"command":["sleep","10000"],"cpu":0,"dependsOn":[{"condition":"START","containerName":"app"}],"environment":[],"essential":false,"image":"busybox","mountPoints":[],"name":"sidecar","portMappings":[],"systemControls":[],"volumesFrom":[]}],"cpu":"256","family":"web","memory":"512","networkMode":"awsvpc","placementConstraints":[],"registeredAt":1795825876.957,"registeredBy":"arn:aws:iam::000000000000:user/uid-0","requiresAttributes":[{"name":"ecs.capability.container-health-check"},{"name":"ecs.capability.container-ordering"},{"name":"ecs.capability.task-eni"}],"requiresCompatibilities":["FARGATE"],"revision":1,"status":"ACTIVE","taskDefinitionArn":"arn:aws:ecs:us-east-1:000000000000:task-definition/web:1","volumes":[]},"tags":[{"key":"team","value":"shop"}]}');
INSERT INTO task_definitions VALUES('web',2,'{"definition":{"compatibilities":["EC2","FARGATE"],"containerDefinitions":[{"command":["httpd","-f","-p","80"],"cpu":0,"environment":[{"name":"A","value":"it''s"}],"essential":true,"healthCheck":{"command":["CMD-SHELL","true"],"interval":30,"retries":3,"timeout":5},"image":"busybox","mountPoints":[],"name":"app","portMappings":[{"containerPort":80,"hostPort":80,"protocol":"tcp"}],"systemControls":[],"volumesFrom":[]},{"command":["sleep","10000"],"cpu":0,"dependsOn":[{"condition":"START","containerName":"app"}],"environment":[],"essential":false,"image":"busybox","mountPoints":[],"name":"sidecar","portMappings":[],"systemControls":[],"volumesFrom":[]}],"cpu":"256","family":"web","memory":"512","networkMode":"awsvpc","placementConstraints":[],"registeredAt":1795825877.704,"registeredBy":"arn:aws:iam::000000000000:user/uid-0","requiresAttributes":[{"name":"ecs.capability.container-health-check"},{"name":"ecs.capability.container-ordering"},{"name":"ecs.capability.task-eni"}],"requiresCompatibilities":["FARGATE"],"revision":2,"status":"ACTIVE","taskDefinitionArn":"arn:aws:ecs:us-east-1:000000000000:task-definition/web:2","volumes":[]},"tags":[{"key":"team","value":"shop"}]}');
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
INSERT INTO tasks VALUES(1,'da166e13a309133e191317ac57b4aa5f','web',1,'{"arn":"arn:aws:ecs:us-east-1:000000000000:task/default/da166e13a309133e191317ac57b4aa5f","availabilityZone":"us-east-1a","connectivity":"CONNECTED","connectivityAt":1795825876.973,"cpu":"256","createdAt":1795825876.973,"desiredStatus":"RUNNING","enableExecuteCommand":false,"family":"web","group":"family:web","healthStatus":"UNKNOWN","hostname":"ip-10-64-1-4.ec2.internal","id":"da166e13a309133e191317ac57b4aa5f","lastStatus":"RUNNING","launchType":"EXTERNAL","memory":"512","namespacePath":"/run/netns/da166e13a309133e191317ac57b4aa5f","pause":{"processID":47,"startTime":2550229},"revision":1,"startedAt":1795825877.156,"tags":[],"version":6}');
INSERT INTO tasks VALUES(2,'ddb0c10817b3f51f9188c94b4060f41f','web',2,'{"arn":"arn:aws:ecs:us-east-1:000000000000:task/default/ddb0c10817b3f51f9188c94b4060f41f","availabilityZone":"us-east-1a","connectivity":"CONNECTED","connectivityAt":1795825877.802,"cpu":"256","createdAt":1795825877.802,"desiredStatus":"STOPPED","enableExecuteCommand":false,"executionStoppedAt":1795825879.325,"family":"web","group":"family:web","healthStatus":"UNKNOWN","hostname":"ip-10-64-1-5.ec2.internal","id":"ddb0c10817b3f51f9188c94b4060f41f","lastStatus":"STOPPED","launchType":"EXTERNAL","memory":"512","namespacePath":"/run/netns/ddb0c10817b3f51f9188c94b4060f41f","pause":{"processID":54,"startTime":2550334},"revision":2,"startedAt":1795825878.472,"stopCode":"UserInitiated","stoppedAt":1795825879.553,"stoppedReason":"Task stopped by user","stoppingAt":1795825879.229,"tags":[],"version":11}');
INSERT INTO tasks VALUES(3,'f7181fb889b107a8140405d8efbfeecd','job',1,'{"arn":"arn:aws:ecs:us-east-1:000000000000:task/default/f7181fb889b107a8140405d8efbfeecd","availabilityZone":"us-east-1a","connectivity":"CONNECTED","connectivityAt":1795825880.324,"createdAt":1795825880.324,"desiredStatus":"STOPPED","enableExecuteCommand":false,"executionStoppedAt":1795825880.948,"family":"job","group":"family:job","healthStatus":"UNKNOWN","hostname":"ip-10-64-1-6.ec2.internal","id":"f7181fb889b107a8140405d8efbfeecd","lastStatus":"STOPPED","launchType":"EXTERNAL","namespacePath":"/run/netns/f7181fb889b107a8140405d8efbfeecd","pause":{"processID":63,"startTime":2550591},"revision":1,"startedAt":1795825880.89,"stopCode":"EssentialContainerExited","stoppedAt":1795825881.139,"stoppedReason":"Essential container in task exited","stoppingAt":1795825880.948,"tags":[],"version":8}');
CREATE TABLE containers (
    task_id TEXT NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    record TEXT NOT NULL CHECK (json_valid(record)),
    last_status TEXT NOT NULL AS (json_extract(record, '$.lastStatus')) VIRTUAL,
    PRIMARY KEY (task_id, position),
    UNIQUE (task_id, name)
) STRICT, WITHOUT ROWID;
INSERT INTO containers VALUES('da166e13a309133e191317ac57b4aa5f',0,'app','{"arn":"arn:aws:ecs:us-east-1:000000000000:container/default/da166e13a309133e191317ac57b4aa5f/781c3471-56c4-44e9-bd97-53064ef2efb9","cpu":"0","createdAt":1795825876.973,"healthStatus":"UNKNOWN","id":"781c3471-56c4-44e9-bd97-53064ef2efb9","image":"busybox","isEssential":true,"lastStatus":"RUNNING","name":"app","process":{"processID":49,"startTime":2550233},"restartCount":0,"runtimeID":"da166e13a309133e191317ac57b4aa5f-60510360","startedAt":1795825877.093,"taskID":"da166e13a309133e191317ac57b4aa5f"}');
INSERT INTO containers VALUES('da166e13a309133e191317ac57b4aa5f',1,'sidecar','{"arn":"arn:aws:ecs:us-east-1:000000000000:container/default/da166e13a309133e191317ac57b4aa5f/5bfe3adb-2175-481e-8f50-01b319a73fee","cpu":"0","createdAt":1795825876.973,"healthStatus":"UNKNOWN","id":"5bfe3adb-2175-481e-8f50-01b319a73fee","image":"busybox","isEssential":false,"lastStatus":"RUNNING","name":"sidecar","process":{"processID":51,"startTime":2550238},"restartCount":0,"runtimeID":"da166e13a309133e191317ac57b4aa5f-3890122845","startedAt":1795825877.136,"taskID":"da166e13a309133e191317ac57b4aa5f"}');
INSERT INTO containers VALUES('ddb0c10817b3f51f9188c94b4060f41f',0,'app','{"arn":"arn:aws:ecs:us-east-1:000000000000:container/default/ddb0c10817b3f51f9188c94b4060f41f/0a6ca252-52b6-45c6-8dee-793aa54227ec","cpu":"0","createdAt":1795825877.802,"exitCode":143,"finishedAt":1795825879.308,"healthStatus":"UNKNOWN","id":"0a6ca252-52b6-45c6-8dee-793aa54227ec","image":"busybox","isEssential":true,"lastStatus":"STOPPED","name":"app","restartCount":0,"runtimeID":"ddb0c10817b3f51f9188c94b4060f41f-555792973","startedAt":1795825878.295,"taskID":"ddb0c10817b3f51f9188c94b4060f41f"}');
INSERT INTO containers VALUES('ddb0c10817b3f51f9188c94b4060f41f',1,'sidecar','{"arn":"arn:aws:ecs:us-east-1:000000000000:container/default/ddb0c10817b3f51f9188c94b4060f41f/5fb9d2f0-50bb-4d08-8354-380d767989f2","cpu":"0","createdAt":1795825877.802,"exitCode":143,"finishedAt":1795825879.264,"healthStatus":"UNKNOWN","id":"5fb9d2f0-50bb-4d08-8354-380d767989f2","image":"busybox","isEssential":false,"lastStatus":"STOPPED","name":"sidecar","restartCount":0,"runtimeID":"ddb0c10817b3f51f9188c94b4060f41f-3653983333","startedAt":1795825878.451,"taskID":"ddb0c10817b3f51f9188c94b4060f41f"}');
INSERT INTO containers VALUES('f7181fb889b107a8140405d8efbfeecd',0,'job','{"arn":"arn:aws:ecs:us-east-1:000000000000:container/default/f7181fb889b107a8140405d8efbfeecd/6f138ffa-d18c-4a62-80ed-6f70c0c137ea","cpu":"0","createdAt":1795825880.324,"exitCode":3,"finishedAt":1795825880.9,"healthStatus":"UNKNOWN","id":"6f138ffa-d18c-4a62-80ed-6f70c0c137ea","image":"busybox","isEssential":true,"lastStatus":"STOPPED","memory":"64","name":"job","restartCount":0,"runtimeID":"f7181fb889b107a8140405d8efbfeecd-3508976157","startedAt":1795825880.875,"taskID":"f7181fb889b107a8140405d8efbfeecd"}');
CREATE TABLE network_plans (
    task_id TEXT PRIMARY KEY NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
    plan TEXT NOT NULL CHECK (json_valid(plan))
) STRICT, WITHOUT ROWID;
INSERT INTO network_plans VALUES('da166e13a309133e191317ac57b4aa5f','[{"plan":{"requirements":[{"namespace":{}},{"veth":{"hostName":"tn-f1f12b5a8dae","hostGroup":1953366017,"mtu":1500,"alias":"tasknet da166e13a309133e191317ac57b4aa5f eni-bb3ccf1f12b5a8dae","hostMACAddress":"0e:4b:6d:9e:f2:33","hostIndex":33375123,"macAddress":"0a:4b:6d:9e:f2:33","index":2,"name":"eth0"}},{"link":{"makesLinkLocalAddress":false,"name":"eth0","scope":"task"}},{"sysctl":{"value":0,"scope":"host","link":"tn-f1f12b5a8dae","key":"accept_ra"}},{"sysctl":{"link":"tn-f1f12b5a8dae","key":"force_forwarding","scope":"host","value":1}},{"link":{"isUp":true,"scope":"host","makesLinkLocalAddress":false,"name":"tn-f1f12b5a8dae","alias":"tasknet da166e13a309133e191317ac57b4aa5f eni-bb3ccf1f12b5a8dae","ipv4":{"proxyDelayIsZero":true,"reversePathFilter":1,"forwards":true,"answersForOthers":true}}},{"link":{"isUp":true,"scope":"task","name":"lo"}},{"address":{"link":"eth0","scope":"task","address":"10.64.1.4\/24"}},{"address":{"scope":"task","link":"eth0","address":"fd00:64:0:1::4\/128"}},{"address":{"scope":"task","link":"eth0","address":"fe80::84b:6dff:fe9e:f233\/64"}},{"neighbour":{"link":"eth0","macAddress":"0e:4b:6d:9e:f2:33","address":"10.64.1.1","scope":"task"}},{"neighbour":{"link":"eth0","macAddress":"0e:4b:6d:9e:f2:33","scope":"task","address":"fe80::1"}},{"route":{"gateway":"10.64.1.1","link":"eth0","type":"unicast","scope":"task","destination":"0.0.0.0\/0"}},{"route":{"scope":"task","type":"unicast","destination":"::\/0","gateway":"fe80::1","link":"eth0"}},{"address":{"link":"lo","address":"169.254.170.2\/32","scope":"task"}},{"address":{"scope":"task","address":"169.254.169.253\/32","link":"lo"}},{"ready":{"ipv6Addresses":["fd00:64:0:1::4"],"name":"eth0"}},{"neighbour":{"macAddress":"0a:4b:6d:9e:f2:33","address":"10.64.1.4","scope":"host","link":"tn-f1f12b5a8dae"}},{"route":{"type":"unicast","link":"tn-f1f12b5a8dae","scope":"host","destination":"10.64.1.4\/32","source":"10.64.1.1"}},{"neighbour":{"scope":"host","link":"tn-f1f12b5a8dae","macAddress":"0a:4b:6d:9e:f2:33","address":"fd00:64:0:1::4"}},{"route":{"type":"unicast","destination":"fd00:64:0:1::4\/128","link":"tn-f1f12b5a8dae","scope":"host"}},{"file":{"path":"\/run\/tasknet\/tasks\/da166e13a309133e191317ac57b4aa5f\/hosts","contents":"127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n10.64.1.4\tip-10-64-1-4.ec2.internal\nfd00:64:0:1::4\tip-10-64-1-4.ec2.internal\n"}},{"file":{"path":"\/run\/tasknet\/tasks\/da166e13a309133e191317ac57b4aa5f\/resolv.conf","contents":"search ec2.internal\nnameserver 10.255.255.53\n"}},{"file":{"contents":"ip-10-64-1-4.ec2.internal\n","path":"\/run\/tasknet\/tasks\/da166e13a309133e191317ac57b4aa5f\/hostname"}}],"taskID":"da166e13a309133e191317ac57b4aa5f","remarks":[],"namespacePath":"\/run\/netns\/da166e13a309133e191317ac57b4aa5f"}},{"networkInterfaceID":"eni-0123456789abcdef0","plan":{"namespacePath":"\/run\/netns\/da166e13a309133e191317ac57b4aa5f","remarks":[],"taskID":"da166e13a309133e191317ac57b4aa5f","requirements":[{"device":{"name":"eth1","isUp":true,"isMarked":false,"mtu":1500,"original":{"mtu":1500,"macAddress":"de:2c:88:6c:88:e1","name":"nic0","isUp":false,"index":3,"addresses":[{"label":"nic0","isWithoutDetection":false,"isWithoutPrefixRoute":false,"address":"192.0.2.5\/24","scope":0}]}}},{"link":{"scope":"task","name":"eth1","ipv4":{"reversePathFilter":2,"proxyDelayIsZero":false}}},{"link":{"scope":"task","isUp":true,"name":"lo"}},{"address":{"scope":"task","link":"eth1","address":"10.9.0.7\/24"}},{"rule":{"source":"10.9.0.7\/32","priority":10001,"table":10001,"scope":"task"}},{"route":{"type":"unicast","link":"eth1","source":"10.9.0.7","table":10001,"scope":"task","destination":"10.9.0.0\/24"}},{"route":{"gateway":"10.9.0.1","scope":"task","type":"unicast","destination":"0.0.0.0\/0","link":"eth1","table":10001}}]}}]');
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
INSERT INTO network_interfaces VALUES(1,'eni-bb3ccf1f12b5a8dae','de0925f3-d192-4a22-bea8-8d3f26b6764b','da166e13a309133e191317ac57b4aa5f','subnet-0a400100180000000','0a:4b:6d:9e:f2:33','{"attachedAt":1795825877.019,"createdAt":1795825876.973,"kind":"veth","networkInterface":{"association":{"default":{}},"attachmentID":"de0925f3-d192-4a22-bea8-8d3f26b6764b","domainNameServers":["10.255.255.53"],"domainNames":["ec2.internal"],"id":"eni-bb3ccf1f12b5a8dae","index":0,"ipv4Addresses":[{"address":"10.64.1.4","primary":true}],"ipv6Addresses":[{"address":"fd00:64:0:1::4","primary":true}],"macAddress":"0a:4b:6d:9e:f2:33","privateDNSName":"ip-10-64-1-4.ec2.internal","securityGroupIDs":["sg-83a906be4a8add057","sg-184ebf1e6164c389a"],"subnetGatewayIPv4":"10.64.1.1/24","subnetGatewayIPv6":"fe80::1","subnetID":"subnet-0a400100180000000"},"origin":"daemon","status":"ATTACHED","taskID":"da166e13a309133e191317ac57b4aa5f"}');
INSERT INTO network_interfaces VALUES(2,'eni-35e91abf618428fb1','3fb09ede-dd48-49c1-b13f-cd3c21a9ad47','ddb0c10817b3f51f9188c94b4060f41f','subnet-0a400100180000000','0a:5e:08:a8:85:30','{"attachedAt":1795825878.053,"createdAt":1795825877.802,"kind":"veth","networkInterface":{"association":{"default":{}},"attachmentID":"3fb09ede-dd48-49c1-b13f-cd3c21a9ad47","domainNameServers":["10.255.255.53"],"domainNames":["ec2.internal"],"id":"eni-35e91abf618428fb1","index":0,"ipv4Addresses":[{"address":"10.64.1.5","primary":true}],"ipv6Addresses":[{"address":"fd00:64:0:1::5","primary":true}],"macAddress":"0a:5e:08:a8:85:30","privateDNSName":"ip-10-64-1-5.ec2.internal","securityGroupIDs":["sg-184ebf1e6164c389a"],"subnetGatewayIPv4":"10.64.1.1/24","subnetGatewayIPv6":"fe80::1","subnetID":"subnet-0a400100180000000"},"origin":"daemon","status":"DELETED","taskID":"ddb0c10817b3f51f9188c94b4060f41f"}');
INSERT INTO network_interfaces VALUES(3,'eni-ea6e3c143465492bf','1cc3defa-ac85-47b6-9ba7-56b5a12ac71c','f7181fb889b107a8140405d8efbfeecd','subnet-0a400100180000000','0a:84:20:41:f3:ac','{"attachedAt":1795825880.573,"createdAt":1795825880.324,"kind":"veth","networkInterface":{"association":{"default":{}},"attachmentID":"1cc3defa-ac85-47b6-9ba7-56b5a12ac71c","domainNameServers":["10.255.255.53"],"domainNames":["ec2.internal"],"id":"eni-ea6e3c143465492bf","index":0,"ipv4Addresses":[{"address":"10.64.1.6","primary":true}],"ipv6Addresses":[{"address":"fd00:64:0:1::6","primary":true}],"macAddress":"0a:84:20:41:f3:ac","privateDNSName":"ip-10-64-1-6.ec2.internal","securityGroupIDs":["sg-184ebf1e6164c389a"],"subnetGatewayIPv4":"10.64.1.1/24","subnetGatewayIPv6":"fe80::1","subnetID":"subnet-0a400100180000000"},"origin":"daemon","status":"DELETED","taskID":"f7181fb889b107a8140405d8efbfeecd"}');
INSERT INTO network_interfaces VALUES(4,'eni-0123456789abcdef0','0f9c3b1e-1111-4222-8333-444455556666','da166e13a309133e191317ac57b4aa5f',NULL,'de:2c:88:6c:88:e1','{"attachedAt":1795825881.802,"createdAt":1795825881.748,"expiresAt":1795826061.748,"kind":"device","networkInterface":{"association":{"default":{}},"attachmentID":"0f9c3b1e-1111-4222-8333-444455556666","domainNameServers":[],"domainNames":[],"id":"eni-0123456789abcdef0","index":1,"ipv4Addresses":[{"address":"10.9.0.7","primary":true}],"ipv6Addresses":[],"macAddress":"de:2c:88:6c:88:e1","securityGroupIDs":["sg-184ebf1e6164c389a"],"subnetGatewayIPv4":"10.9.0.1/24"},"origin":"attached","status":"ATTACHED","taskID":"da166e13a309133e191317ac57b4aa5f"}');
INSERT INTO network_interfaces VALUES(5,'eni-0fedcba9876543210','1f9c3b1e-1111-4222-8333-444455556666','da166e13a309133e191317ac57b4aa5f',NULL,'02:00:00:00:00:99','{"createdAt":1795825882.222,"expiresAt":1795826062.222,"kind":"device","networkInterface":{"association":{"default":{}},"attachmentID":"1f9c3b1e-1111-4222-8333-444455556666","domainNameServers":[],"domainNames":[],"id":"eni-0fedcba9876543210","index":2,"ipv4Addresses":[{"address":"10.9.0.8","primary":true}],"ipv6Addresses":[],"macAddress":"02:00:00:00:00:99","securityGroupIDs":["sg-184ebf1e6164c389a"],"subnetGatewayIPv4":"10.9.0.1/24"},"origin":"attached","status":"ATTACHING","taskID":"da166e13a309133e191317ac57b4aa5f"}');
INSERT INTO network_interfaces VALUES(6,'eni-f96f5c5370a668b17','24f8eaab-939d-4e5d-850d-dfb8f893a72f',NULL,'subnet-0a400100180000000','0a:db:8b:fc:1c:0e','{"attachedAt":1795825882.497,"createdAt":1795825882.452,"expiresAt":1795825882.452,"kind":"veth","networkInterface":{"association":{"default":{}},"attachmentID":"24f8eaab-939d-4e5d-850d-dfb8f893a72f","domainNameServers":["10.255.255.53"],"domainNames":["ec2.internal"],"id":"eni-f96f5c5370a668b17","index":0,"ipv4Addresses":[{"address":"10.64.1.7","primary":true}],"ipv6Addresses":[{"address":"fd00:64:0:1::7","primary":true}],"macAddress":"0a:db:8b:fc:1c:0e","privateDNSName":"ip-10-64-1-7.ec2.internal","securityGroupIDs":["sg-184ebf1e6164c389a"],"subnetGatewayIPv4":"10.64.1.1/24","subnetGatewayIPv6":"fe80::1","subnetID":"subnet-0a400100180000000"},"origin":"sandbox","sandbox":{"key":{"containerID":"4f0c3a9d2e1b4f0c3a9d2e1b4f0c3a9d2e1b4f0c3a9d2e1b4f0c3a9d2e1b4f0c","interfaceName":"eth0","network":"tasknet"},"namespace":{"bootID":"5c6f2f0e-9d57-4c1b-8a6e-3f1f5d0c7b21","cookie":162515,"device":4,"inode":4026532474},"path":"/run/netns/sandbox1","podName":"web-0","podNamespace":"shop"},"status":"ATTACHED"}');
CREATE TABLE address_leases (
    address TEXT PRIMARY KEY NOT NULL,
    subnet_id TEXT NOT NULL,
    network_interface_id TEXT NOT NULL REFERENCES network_interfaces (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
INSERT INTO address_leases VALUES('10.64.1.4','subnet-0a400100180000000','eni-bb3ccf1f12b5a8dae');
INSERT INTO address_leases VALUES('10.64.1.7','subnet-0a400100180000000','eni-f96f5c5370a668b17');
INSERT INTO address_leases VALUES('fd00:64:0:1::4','subnet-0a400100180000000','eni-bb3ccf1f12b5a8dae');
INSERT INTO address_leases VALUES('fd00:64:0:1::7','subnet-0a400100180000000','eni-f96f5c5370a668b17');
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
INSERT INTO sandbox_attachments VALUES('tasknet','4f0c3a9d2e1b4f0c3a9d2e1b4f0c3a9d2e1b4f0c3a9d2e1b4f0c3a9d2e1b4f0c','eth0','eni-f96f5c5370a668b17','5c6f2f0e-9d57-4c1b-8a6e-3f1f5d0c7b21 4 4026532474 162515',0,'{"namespacePath":"/run/netns/sandbox1","remarks":[],"requirements":[{"veth":{"alias":"tasknet 4f0c3a9d2e1b4f0c3a9d2e1b4f0c3a9d2e1b4f0c3a9d2e1b4f0c3a9d2e1b4f0c eni-f96f5c5370a668b17","hostGroup":1953366018,"hostIndex":26501555,"hostMACAddress":"0e:db:8b:fc:1c:0e","hostName":"tn-c5370a668b17","index":2,"macAddress":"0a:db:8b:fc:1c:0e","mtu":1500,"name":"eth0"}},{"link":{"makesLinkLocalAddress":false,"name":"eth0","scope":"task"}},{"sysctl":{"key":"accept_ra","link":"tn-c5370a668b17","scope":"host","value":0}},{"sysctl":{"key":"force_forwarding","link":"tn-c5370a668b17","scope":"host","value":1}},{"link":{"alias":"tasknet 4f0c3a9d2e1b4f0c3a9d2e1b4f0c3a9d2e1b4f0c3a9d2e1b4f0c3a9d2e1b4f0c eni-f96f5c5370a668b17","ipv4":{"answersForOthers":true,"forwards":true,"proxyDelayIsZero":true,"reversePathFilter":1},"isUp":true,"makesLinkLocalAddress":false,"name":"tn-c5370a668b17","scope":"host"}},{"link":{"isUp":true,"name":"lo","scope":"task"}},{"address":{"address":"10.64.1.7/24","link":"eth0","scope":"task"}},{"address":{"address":"fd00:64:0:1::7/128","link":"eth0","scope":"task"}},{"address":{"address":"fe80::8db:8bff:fefc:1c0e/64","link":"eth0","scope":"task"}},{"neighbour":{"address":"10.64.1.1","link":"eth0","macAddress":"0e:db:8b:fc:1c:0e","scope":"task"}},{"neighbour":{"address":"fe80::1","link":"eth0","macAddress":"0e:db:8b:fc:1c:0e","scope":"task"}},{"route":{"destination":"0.0.0.0/0","gateway":"10.64.1.1","link":"eth0","scope":"task","type":"unicast"}},{"route":{"destination":"::/0","gateway":"fe80::1","link":"eth0","scope":"task","type":"unicast"}},{"ready":{"ipv6Addresses":["fd00:64:0:1::7"],"name":"eth0"}},{"neighbour":{"address":"10.64.1.7","link":"tn-c5370a668b17","macAddress":"0a:db:8b:fc:1c:0e","scope":"host"}},{"route":{"destination":"10.64.1.7/32","link":"tn-c5370a668b17","scope":"host","source":"10.64.1.1","type":"unicast"}},{"neighbour":{"address":"fd00:64:0:1::7","link":"tn-c5370a668b17","macAddress":"0a:db:8b:fc:1c:0e","scope":"host"}},{"route":{"destination":"fd00:64:0:1::7/128","link":"tn-c5370a668b17","scope":"host","type":"unicast"}}],"taskID":"4f0c3a9d2e1b4f0c3a9d2e1b4f0c3a9d2e1b4f0c3a9d2e1b4f0c3a9d2e1b4f0c"}');
CREATE TABLE security_groups (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    vpc_id TEXT NOT NULL,
    name TEXT NOT NULL,
    record TEXT NOT NULL CHECK (json_valid(record)),
    UNIQUE (vpc_id, name)
) STRICT;
INSERT INTO security_groups VALUES(1,'sg-83a906be4a8add057','vpc-0a400000100000000','web','{"createdAt":1795825875.709,"group":{"groupDescription":"the shop","id":"sg-83a906be4a8add057","name":"web","rules":[{"direction":"egress","id":"sgr-f6af217f49970fa4b","ipProtocol":"-1","peer":{"ipv4":{"_0":"0.0.0.0/0"}}},{"direction":"egress","id":"sgr-105b2d8555d0da170","ipProtocol":"-1","peer":{"ipv6":{"_0":"::/0"}}},{"direction":"ingress","fromPort":80,"id":"sgr-ac20e5f8665257306","ipProtocol":"tcp","peer":{"ipv4":{"_0":"203.0.113.0/24"}},"toPort":80}],"vpcID":"vpc-0a400000100000000"}}');
CREATE TABLE security_group_combinations (
    number INTEGER PRIMARY KEY,
    group_ids TEXT NOT NULL UNIQUE
) STRICT;
INSERT INTO security_group_combinations VALUES(1953366017,'sg-184ebf1e6164c389a sg-83a906be4a8add057');
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
CREATE TABLE events (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    time INTEGER NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    task_id TEXT,
    from_status TEXT,
    to_status TEXT,
    cause TEXT
) STRICT;
INSERT INTO events VALUES(1,1795825874756,'HOST','tasknetd',NULL,NULL,'STARTED','version 0.1.0');
INSERT INTO events VALUES(2,1795825876974,'TASK','da166e13a309133e191317ac57b4aa5f','da166e13a309133e191317ac57b4aa5f',NULL,'PROVISIONING',NULL);
INSERT INTO events VALUES(3,1795825876976,'ATTACHMENT','eni-bb3ccf1f12b5a8dae','da166e13a309133e191317ac57b4aa5f',NULL,'PRECREATED',NULL);
INSERT INTO events VALUES(4,1795825877006,'ATTACHMENT','eni-bb3ccf1f12b5a8dae','da166e13a309133e191317ac57b4aa5f','PRECREATED','ATTACHING',NULL);
INSERT INTO events VALUES(5,1795825877019,'ATTACHMENT','eni-bb3ccf1f12b5a8dae','da166e13a309133e191317ac57b4aa5f','ATTACHING','ATTACHED',NULL);
INSERT INTO events VALUES(6,1795825877022,'TASK','da166e13a309133e191317ac57b4aa5f','da166e13a309133e191317ac57b4aa5f','PROVISIONING','PENDING',NULL);
INSERT INTO events VALUES(7,1795825877095,'CONTAINER','app','da166e13a309133e191317ac57b4aa5f','PENDING','RUNNING',NULL);
INSERT INTO events VALUES(8,1795825877157,'TASK','da166e13a309133e191317ac57b4aa5f','da166e13a309133e191317ac57b4aa5f','PENDING','RUNNING',NULL);
INSERT INTO events VALUES(9,1795825877158,'CONTAINER','sidecar','da166e13a309133e191317ac57b4aa5f','PENDING','RUNNING',NULL);
INSERT INTO events VALUES(10,1795825877813,'TASK','ddb0c10817b3f51f9188c94b4060f41f','ddb0c10817b3f51f9188c94b4060f41f',NULL,'PROVISIONING',NULL);
INSERT INTO events VALUES(11,1795825877814,'ATTACHMENT','eni-35e91abf618428fb1','ddb0c10817b3f51f9188c94b4060f41f',NULL,'PRECREATED',NULL);
INSERT INTO events VALUES(12,1795825877930,'ATTACHMENT','eni-35e91abf618428fb1','ddb0c10817b3f51f9188c94b4060f41f','PRECREATED','ATTACHING',NULL);
INSERT INTO events VALUES(13,1795825878053,'ATTACHMENT','eni-35e91abf618428fb1','ddb0c10817b3f51f9188c94b4060f41f','ATTACHING','ATTACHED',NULL);
INSERT INTO events VALUES(14,1795825878057,'TASK','ddb0c10817b3f51f9188c94b4060f41f','ddb0c10817b3f51f9188c94b4060f41f','PROVISIONING','PENDING',NULL);
INSERT INTO events VALUES(15,1795825878301,'CONTAINER','app','ddb0c10817b3f51f9188c94b4060f41f','PENDING','RUNNING',NULL);
INSERT INTO events VALUES(16,1795825878473,'TASK','ddb0c10817b3f51f9188c94b4060f41f','ddb0c10817b3f51f9188c94b4060f41f','PENDING','RUNNING',NULL);
INSERT INTO events VALUES(17,1795825878474,'CONTAINER','sidecar','ddb0c10817b3f51f9188c94b4060f41f','PENDING','RUNNING',NULL);
INSERT INTO events VALUES(18,1795825879233,'TASK','ddb0c10817b3f51f9188c94b4060f41f','ddb0c10817b3f51f9188c94b4060f41f','RUNNING','STOPPING','UserInitiated: Task stopped by user');
INSERT INTO events VALUES(19,1795825879274,'CONTAINER','sidecar','ddb0c10817b3f51f9188c94b4060f41f','RUNNING','STOPPED','exit code 143');
INSERT INTO events VALUES(20,1795825879326,'CONTAINER','app','ddb0c10817b3f51f9188c94b4060f41f','RUNNING','STOPPED','exit code 143');
INSERT INTO events VALUES(21,1795825879341,'TASK','ddb0c10817b3f51f9188c94b4060f41f','ddb0c10817b3f51f9188c94b4060f41f','STOPPING','DEPROVISIONING','UserInitiated: Task stopped by user');
INSERT INTO events VALUES(22,1795825879347,'ATTACHMENT','eni-35e91abf618428fb1','ddb0c10817b3f51f9188c94b4060f41f','ATTACHED','DETACHING',NULL);
INSERT INTO events VALUES(23,1795825879513,'ATTACHMENT','eni-35e91abf618428fb1','ddb0c10817b3f51f9188c94b4060f41f','DETACHING','DELETED',NULL);
INSERT INTO events VALUES(24,1795825879554,'TASK','ddb0c10817b3f51f9188c94b4060f41f','ddb0c10817b3f51f9188c94b4060f41f','DEPROVISIONING','STOPPED','UserInitiated: Task stopped by user');
INSERT INTO events VALUES(25,1795825880330,'TASK','f7181fb889b107a8140405d8efbfeecd','f7181fb889b107a8140405d8efbfeecd',NULL,'PROVISIONING',NULL);
INSERT INTO events VALUES(26,1795825880331,'ATTACHMENT','eni-ea6e3c143465492bf','f7181fb889b107a8140405d8efbfeecd',NULL,'PRECREATED',NULL);
INSERT INTO events VALUES(27,1795825880490,'ATTACHMENT','eni-ea6e3c143465492bf','f7181fb889b107a8140405d8efbfeecd','PRECREATED','ATTACHING',NULL);
INSERT INTO events VALUES(28,1795825880573,'ATTACHMENT','eni-ea6e3c143465492bf','f7181fb889b107a8140405d8efbfeecd','ATTACHING','ATTACHED',NULL);
INSERT INTO events VALUES(29,1795825880589,'TASK','f7181fb889b107a8140405d8efbfeecd','f7181fb889b107a8140405d8efbfeecd','PROVISIONING','PENDING',NULL);
INSERT INTO events VALUES(30,1795825880896,'TASK','f7181fb889b107a8140405d8efbfeecd','f7181fb889b107a8140405d8efbfeecd','PENDING','RUNNING',NULL);
INSERT INTO events VALUES(31,1795825880896,'CONTAINER','job','f7181fb889b107a8140405d8efbfeecd','PENDING','RUNNING',NULL);
INSERT INTO events VALUES(32,1795825880949,'TASK','f7181fb889b107a8140405d8efbfeecd','f7181fb889b107a8140405d8efbfeecd','RUNNING','STOPPING','EssentialContainerExited: Essential container in task exited');
INSERT INTO events VALUES(33,1795825880950,'CONTAINER','job','f7181fb889b107a8140405d8efbfeecd','RUNNING','STOPPED','exit code 3');
INSERT INTO events VALUES(34,1795825880985,'TASK','f7181fb889b107a8140405d8efbfeecd','f7181fb889b107a8140405d8efbfeecd','STOPPING','DEPROVISIONING','EssentialContainerExited: Essential container in task exited');
INSERT INTO events VALUES(35,1795825881032,'ATTACHMENT','eni-ea6e3c143465492bf','f7181fb889b107a8140405d8efbfeecd','ATTACHED','DETACHING',NULL);
INSERT INTO events VALUES(36,1795825881137,'ATTACHMENT','eni-ea6e3c143465492bf','f7181fb889b107a8140405d8efbfeecd','DETACHING','DELETED',NULL);
INSERT INTO events VALUES(37,1795825881140,'TASK','f7181fb889b107a8140405d8efbfeecd','f7181fb889b107a8140405d8efbfeecd','DEPROVISIONING','STOPPED','EssentialContainerExited: Essential container in task exited');
INSERT INTO events VALUES(38,1795825881750,'ATTACHMENT','eni-0123456789abcdef0','da166e13a309133e191317ac57b4aa5f',NULL,'ATTACHING',NULL);
INSERT INTO events VALUES(39,1795825881802,'ATTACHMENT','eni-0123456789abcdef0','da166e13a309133e191317ac57b4aa5f','ATTACHING','ATTACHED',NULL);
INSERT INTO events VALUES(40,1795825882223,'ATTACHMENT','eni-0fedcba9876543210','da166e13a309133e191317ac57b4aa5f',NULL,'ATTACHING',NULL);
INSERT INTO events VALUES(41,1795825882455,'ATTACHMENT','eni-f96f5c5370a668b17',NULL,NULL,'ATTACHING','eth0 of container 4f0c3a9d2e1b4f0c3a9d2e1b4f0c3a9d2e1b4f0c3a9d2e1b4f0c3a9d2e1b4f0c in network tasknet');
INSERT INTO events VALUES(42,1795825882498,'ATTACHMENT','eni-f96f5c5370a668b17',NULL,'ATTACHING','ATTACHED','eth0 of container 4f0c3a9d2e1b4f0c3a9d2e1b4f0c3a9d2e1b4f0c3a9d2e1b4f0c3a9d2e1b4f0c in network tasknet');
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('events',42);
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
