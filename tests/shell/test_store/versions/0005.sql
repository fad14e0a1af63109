BEGIN TRANSACTION;
CREATE TABLE account (
	tracker TEXT NOT NULL, 
	id TEXT NOT NULL, 
	body TEXT NOT NULL, 
	CONSTRAINT pk_account PRIMARY KEY (tracker, id)
);
INSERT INTO "account" VALUES('github','ada-l','{"tracker":"github","id":"ada-l","name":"Ada","email":"ada@acme.example","active":true,"human":true,"verified":false}');
INSERT INTO "account" VALUES('github','ci','{"tracker":"github","id":"ci","name":"ci","email":null,"active":null,"human":false,"verified":false}');
CREATE TABLE apart (
	tracker TEXT NOT NULL, 
	item TEXT NOT NULL, 
	other_tracker TEXT NOT NULL, 
	other_item TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_apart PRIMARY KEY (tracker, item, other_tracker, other_item)
);
INSERT INTO "apart" VALUES('github','18','jira','43',1772539237000000);
CREATE TABLE approval (
	fingerprint TEXT NOT NULL, 
	how TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_approval PRIMARY KEY (fingerprint)
);
INSERT INTO "approval" VALUES('f1','yes',1772539210000000);
CREATE TABLE base (
	tracker TEXT NOT NULL, 
	item TEXT NOT NULL, 
	field TEXT NOT NULL, 
	natives TEXT NOT NULL, 
	CONSTRAINT pk_base PRIMARY KEY (tracker, item, field)
);
INSERT INTO "base" VALUES('github','17','stage','[{"labels":["stage: build"]}]');
INSERT INTO "base" VALUES('jira','42','stage','[{"status":["To Do"]}]');
INSERT INTO "base" VALUES('github','18','owners','[{"owners":[]}]');
INSERT INTO "base" VALUES('github','18','stage','[{"labels":["stage: build"]},{"labels":["stage: verify"]}]');
INSERT INTO "base" VALUES('github','17','owners','[{"labels":["x"]}]');
CREATE TABLE change (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	run BIGINT NOT NULL, 
	tracker TEXT NOT NULL, 
	item TEXT NOT NULL, 
	field TEXT NOT NULL, 
	body TEXT NOT NULL, 
	natives TEXT NOT NULL, 
	was TEXT NOT NULL, 
	outcome TEXT, 
	receipt TEXT, 
	intended BIGINT NOT NULL, 
	settled BIGINT
);
INSERT INTO "change" VALUES(1,1,'github','17','stage','{"ref":{"tracker":"github","id":"17"},"key":"acme/shop#17","field":"stage","fact":"labels","before":{"labels":["stage: idea"]},"after":{"labels":["stage: build"]},"because":"only jira had moved","ours":{"labels":["stage: build","stage: idea","stage: verify"]},"adoption":false,"tidies":false,"path":[],"toward":""}','[{"labels":["stage: build"]},{"labels":["stage: idea"]}]','[{"labels":["stage: idea"]}]','applied','{"outcome":"applied","message":"","requests":[]}',1772539211000000,1772539212000000);
INSERT INTO "change" VALUES(2,1,'github','18','stage','{"ref":{"tracker":"github","id":"18"},"key":"acme/shop#18","field":"stage","fact":"labels","before":{"labels":["stage: idea"]},"after":{"labels":["stage: build"]},"because":"only jira had moved","ours":{"labels":["stage: build","stage: idea","stage: verify"]},"adoption":false,"tidies":false,"path":[],"toward":""}','[{"labels":["stage: build"]},{"labels":["stage: idea"]}]','[]','rejected','{"outcome":"rejected","message":"the label is locked","requests":[]}',1772539213000000,1772539214000000);
INSERT INTO "change" VALUES(3,2,'github','18','stage','{"ref":{"tracker":"github","id":"18"},"key":"acme/shop#18","field":"stage","fact":"labels","before":{"labels":["stage: build"]},"after":{"labels":["stage: verify"]},"because":"only jira had moved","ours":{"labels":["stage: build","stage: idea","stage: verify"]},"adoption":false,"tidies":false,"path":[],"toward":""}','[{"labels":["stage: build"]},{"labels":["stage: verify"]}]','[]','in doubt','{"outcome":"in doubt","message":"no answer","requests":[]}',1772539221000000,1772539222000000);
INSERT INTO "change" VALUES(4,2,'github','17','owners','{"ref":{"tracker":"github","id":"17"},"key":"acme/shop#17","field":"owners","fact":"owners","before":{"labels":["stage: idea"]},"after":{"labels":["stage: build"]},"because":"only jira had moved","ours":{"labels":["stage: build","stage: idea","stage: verify"]},"adoption":false,"tidies":false,"path":[],"toward":""}','[{"labels":["x"]}]','[]',NULL,NULL,1772539223000000,NULL);
CREATE TABLE checked (
	id INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_checked PRIMARY KEY (id)
);
INSERT INTO "checked" VALUES(1,1772539240000000);
CREATE TABLE "conflict" (
	task TEXT NOT NULL, 
	field TEXT NOT NULL, 
	since BIGINT NOT NULL, 
	run BIGINT NOT NULL, 
	settled BIGINT, 
	body TEXT NOT NULL, 
	CONSTRAINT pk_conflict PRIMARY KEY (task, field, since)
);
INSERT INTO "conflict" VALUES('github:17','owners',1772539215000000,2,NULL,'{"task":"github:17","field":"owners","sides":[{"ref":{"tracker":"jira","id":"42"},"key":"SHOP-42","says":"alan-t"},{"ref":{"tracker":"github","id":"17"},"key":"acme/shop#17","says":"grace-h"}],"because":"both had moved"}');
INSERT INTO "conflict" VALUES('github:17','stage',1772539215000000,2,1772539224000000,'{"task":"github:17","field":"stage","sides":[{"ref":{"tracker":"jira","id":"42"},"key":"SHOP-42","says":"alan-t"},{"ref":{"tracker":"github","id":"17"},"key":"acme/shop#17","says":"grace-h"}],"because":"both had moved"}');
CREATE TABLE container (
	tracker TEXT NOT NULL, 
	name TEXT NOT NULL, 
	cursor TEXT, 
	whole BIGINT, 
	last_whole BIGINT, 
	whole_at BIGINT, 
	shown BIGINT, 
	accepted BIGINT, 
	read BIGINT, 
	CONSTRAINT pk_container PRIMARY KEY (tracker, name)
);
INSERT INTO "container" VALUES('github','acme/shop','c3',NULL,1,1772539200000000,4,4,1772539200000000);
INSERT INTO "container" VALUES('jira','SHOP','j1',2,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE event (
	tracker TEXT NOT NULL, 
	item TEXT NOT NULL, 
	id TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	place BIGINT NOT NULL, 
	body TEXT NOT NULL, 
	CONSTRAINT pk_event PRIMARY KEY (tracker, item, id)
);
INSERT INTO "event" VALUES('github','18','9-labels',1772539202000000,0,'{"id":"9-labels","at":"2026-03-03T12:00:02Z","by":"ada-l","fact":"labels","added":["stage: idea"],"removed":[]}');
INSERT INTO "event" VALUES('github','18','10-labels',1772539202000000,1,'{"id":"10-labels","at":"2026-03-03T12:00:02Z","by":"","fact":"labels","added":["stage: build"],"removed":["stage: idea"]}');
CREATE TABLE finding (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	rule TEXT NOT NULL, 
	body TEXT NOT NULL
);
INSERT INTO "finding" VALUES(1,'no-owner','{"rule":"no-owner","items":["jira/42","github/17"],"keys":["SHOP-42","shop#17"],"subject":"","severity":"error","message":"nobody","since":"2026-03-03T12:00:03Z"}');
INSERT INTO "finding" VALUES(2,'role-vacant','{"rule":"role-vacant","items":[],"keys":[],"subject":"stage launch","severity":"warning","message":"nobody holds marketing","since":"2026-03-03T12:00:04Z"}');
CREATE TABLE history (
	tracker TEXT NOT NULL, 
	item TEXT NOT NULL, 
	read BIGINT, 
	upto BIGINT, 
	owed BIGINT, 
	CONSTRAINT pk_history PRIMARY KEY (tracker, item)
);
INSERT INTO "history" VALUES('github','18',1772539238000000,1772539231000000,NULL);
INSERT INTO "history" VALUES('jira','42',NULL,NULL,0);
CREATE TABLE item (
	tracker TEXT NOT NULL, 
	id TEXT NOT NULL, 
	"key" TEXT NOT NULL, 
	container TEXT NOT NULL, 
	updated BIGINT NOT NULL, 
	seen BIGINT NOT NULL, 
	missing TEXT, 
	body TEXT NOT NULL, 
	CONSTRAINT pk_item PRIMARY KEY (tracker, id)
);
INSERT INTO "item" VALUES('github','17','acme/shop#17','acme/shop',1772539217000000,5,NULL,'{"ref":{"tracker":"github","id":"17"},"key":"acme/shop#17","url":"https://github.example/acme/shop/issues/17","title":"Checkout rejects gift cards above 100 EUR","container":"acme/shop","created":"2026-03-02T12:00:00Z","updated":"2026-03-03T12:00:17Z","facts":{"labels":["stage: idea"],"owners":["ada-l"],"state":["open"]},"urls":["https://acme.example/browse/SHOP-42"],"keys":["SHOP-42"]}');
INSERT INTO "item" VALUES('github','18','acme/shop#18','acme/shop',1772539231000000,6,NULL,'{"ref":{"tracker":"github","id":"18"},"key":"acme/shop#18","url":"https://github.example/acme/shop/issues/18","title":"Checkout rejects gift cards above 100 EUR","container":"acme/shop","created":"2026-03-02T12:00:00Z","updated":"2026-03-03T12:00:31Z","facts":{"labels":["stage: build"],"owners":["ada-l"],"state":["open"]},"urls":["https://acme.example/browse/SHOP-42"],"keys":["SHOP-42"]}');
INSERT INTO "item" VALUES('github','19','acme/shop#19','acme/shop',1772539219000000,3,'hidden','{"ref":{"tracker":"github","id":"19"},"key":"acme/shop#19","url":"https://github.example/acme/shop/issues/19","title":"Checkout rejects gift cards above 100 EUR","container":"acme/shop","created":"2026-03-02T12:00:00Z","updated":"2026-03-03T12:00:19Z","facts":{"labels":["stage: idea"],"owners":["ada-l"],"state":["open"]},"urls":["https://acme.example/browse/SHOP-42"],"keys":["SHOP-42"]}');
INSERT INTO "item" VALUES('github','20','acme/shop#20','acme/shop',1772539220000000,4,'gone','{"ref":{"tracker":"github","id":"20"},"key":"acme/shop#20","url":"https://github.example/acme/shop/issues/20","title":"Checkout rejects gift cards above 100 EUR","container":"acme/shop","created":"2026-03-02T12:00:00Z","updated":"2026-03-03T12:00:20Z","facts":{"labels":["stage: idea"],"owners":["ada-l"],"state":["open"]},"urls":["https://acme.example/browse/SHOP-42"],"keys":["SHOP-42"]}');
INSERT INTO "item" VALUES('jira','42','shop-42','SHOP',1772539209000000,2,NULL,'{"ref":{"tracker":"jira","id":"42"},"key":"SHOP-42","url":"https://github.example/SHOP/issues/42","title":"Gift cards: 100 € — “rejected”","container":"SHOP","created":"2026-03-02T12:00:00Z","updated":"2026-03-03T12:00:09Z","facts":{"labels":["stage: idea"],"owners":["ada-l"],"state":["open"]},"urls":["https://acme.example/browse/SHOP-42"],"keys":["SHOP-42"]}');
CREATE TABLE link (
	tracker TEXT NOT NULL, 
	item TEXT NOT NULL, 
	task TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	at BIGINT, 
	CONSTRAINT pk_link PRIMARY KEY (tracker, item), 
	CONSTRAINT uq_link_task_tracker UNIQUE (task, tracker)
);
INSERT INTO "link" VALUES('github','17','github:17','key in the title',NULL);
INSERT INTO "link" VALUES('jira','42','github:17','key in the title',NULL);
INSERT INTO "link" VALUES('jira','43','jira:43','remote link',1772539232000000);
CREATE TABLE look (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	tracker TEXT NOT NULL, 
	container TEXT NOT NULL, 
	begun BIGINT NOT NULL
);
INSERT INTO "look" VALUES(1,'github','acme/shop',1772539200000000);
INSERT INTO "look" VALUES(2,'jira','SHOP',1772539209000000);
INSERT INTO "look" VALUES(6,'github','acme/shop',1772539230000000);
CREATE TABLE move (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	tracker TEXT NOT NULL, 
	item TEXT NOT NULL, 
	updated BIGINT NOT NULL, 
	seen BIGINT NOT NULL, 
	"before" TEXT NOT NULL, 
	"after" TEXT NOT NULL
);
INSERT INTO "move" VALUES(1,'github','18',1772539231000000,1772539230000000,'{"labels":["stage: idea"],"owners":["ada-l"],"state":["open"]}','{"labels":["stage: build"],"owners":["ada-l"],"state":["open"]}');
CREATE TABLE named (
	tracker TEXT NOT NULL, 
	fact TEXT NOT NULL, 
	id TEXT NOT NULL, 
	body TEXT NOT NULL, 
	former TEXT NOT NULL, 
	CONSTRAINT pk_named PRIMARY KEY (tracker, fact, id)
);
INSERT INTO "named" VALUES('jira','status','3','{"fact":"status","id":"3","name":"Building","containers":["SHOP","OPS"]}','["In Progress"]');
CREATE TABLE overruled (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	run BIGINT NOT NULL, 
	at BIGINT NOT NULL, 
	body TEXT NOT NULL
);
INSERT INTO "overruled" VALUES(1,1,1772539215000000,'{"task":"github:17","ref":{"tracker":"github","id":"17"},"key":"acme/shop#17","field":"owners","said":"grace-h","authority":"jira"}');
CREATE TABLE pause (
	kind TEXT NOT NULL, 
	name TEXT NOT NULL, 
	since BIGINT NOT NULL, 
	ended BIGINT, 
	reason TEXT NOT NULL, 
	CONSTRAINT pk_pause PRIMARY KEY (kind, name, since)
);
INSERT INTO "pause" VALUES('tracker','jira',1772539235000000,NULL,'release freeze');
INSERT INTO "pause" VALUES('task','github:17',1772539235000000,1772539236000000,'');
CREATE TABLE rejection (
	tracker TEXT NOT NULL, 
	item TEXT NOT NULL, 
	field TEXT NOT NULL, 
	body TEXT NOT NULL, 
	CONSTRAINT pk_rejection PRIMARY KEY (tracker, item, field)
);
INSERT INTO "rejection" VALUES('github','18','stage','{"key":"k1","message":"the label is locked","at":"2026-03-03T12:00:14Z","hops":[],"stopped":""}');
CREATE TABLE run (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	command TEXT NOT NULL, 
	fingerprint TEXT NOT NULL, 
	digest TEXT NOT NULL, 
	approved INTEGER NOT NULL, 
	begun BIGINT NOT NULL, 
	ended BIGINT, 
	summary TEXT NOT NULL, 
	place TEXT DEFAULT '' NOT NULL, 
	"plan" TEXT DEFAULT '[]' NOT NULL
);
INSERT INTO "run" VALUES(1,'sync','f1','7c1e44b9',0,1772539210000000,1772539216000000,'{"outcomes":{"applied":1,"rejected":1},"requests":{"github":{"read":2,"write":2}}}','','[]');
INSERT INTO "run" VALUES(2,'apply','f2','20d97e1a',1,1772539220000000,NULL,'{}','','[]');
INSERT INTO "run" VALUES(3,'sync','f2','44a0c1de',1,1772539233000000,NULL,'{}','process 4711 on build-3','[{"ref":{"tracker":"github","id":"18"},"key":"acme/shop#18","field":"stage","fact":"labels","before":{"labels":["stage: idea"]},"after":{"labels":["stage: build"]},"because":"only jira had moved","ours":{"labels":["stage: build","stage: idea","stage: verify"]},"adoption":false,"tidies":false,"path":[],"toward":""}]');
CREATE TABLE settlement (
	task TEXT NOT NULL, 
	field TEXT NOT NULL, 
	body TEXT NOT NULL, 
	CONSTRAINT pk_settlement PRIMARY KEY (task, field)
);
INSERT INTO "settlement" VALUES('github:17','owners','{"task":"github:17","field":"owners","take":{"tracker":"jira","id":"42"},"native":{"owners":["alan-t"]},"at":"2026-03-03T12:00:34Z"}');
CREATE TABLE taken_back (
	task TEXT NOT NULL, 
	field TEXT NOT NULL, 
	body TEXT NOT NULL, 
	CONSTRAINT pk_taken_back PRIMARY KEY (task, field)
);
INSERT INTO "taken_back" VALUES('github:17','stage','{"task":"github:17","field":"stage","natives":[[{"tracker":"github","id":"17"},{"labels":["stage: idea"]}],[{"tracker":"jira","id":"42"},{"status":["To Do"]}]],"run":3}');
CREATE TABLE task (
	id TEXT NOT NULL, 
	last_open TEXT NOT NULL, 
	CONSTRAINT pk_task PRIMARY KEY (id)
);
INSERT INTO "task" VALUES('github:17','build');
INSERT INTO "task" VALUES('github:18','idea');
CREATE TABLE trackersync_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT pk_trackersync_version PRIMARY KEY (version_num)
);
INSERT INTO "trackersync_version" VALUES('0005');
CREATE TABLE workflow (
	tracker TEXT NOT NULL, 
	scope TEXT NOT NULL, 
	status TEXT NOT NULL, 
	hops TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_workflow PRIMARY KEY (tracker, scope, status)
);
INSERT INTO "workflow" VALUES('jira','SHOP + Task','To Do','[{"id":"21","name":"Begin","to":"Building","needs":[],"ends":false}]',1772539200000000);
CREATE INDEX ix_item_key ON item ("key");
CREATE INDEX ix_item_tracker_container ON item (tracker, container);
CREATE INDEX ix_look_tracker_container ON look (tracker, container);
CREATE INDEX ix_run_begun ON run (begun);
CREATE INDEX ix_move_tracker_item ON move (tracker, item);
CREATE INDEX ix_move_seen ON move (seen);
CREATE INDEX ix_event_at ON event (at);
CREATE INDEX ix_history_owed ON history (owed);
CREATE INDEX ix_change_run ON change (run);
CREATE INDEX ix_change_tracker_item ON change (tracker, item);
CREATE INDEX ix_change_outcome ON change (outcome);
CREATE INDEX ix_change_intended ON change (intended);
CREATE INDEX ix_overruled_run ON overruled (run);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('look',6);
INSERT INTO "sqlite_sequence" VALUES('run',3);
INSERT INTO "sqlite_sequence" VALUES('change',4);
INSERT INTO "sqlite_sequence" VALUES('overruled',1);
INSERT INTO "sqlite_sequence" VALUES('move',1);
INSERT INTO "sqlite_sequence" VALUES('finding',2);
COMMIT;
