import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestApp, type TestApp } from "../support/test-app.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

test("the maintenance purges what each engine in use keeps", async () => {
  const ofRedis = ["done jobs in Redis", "dead letters in Redis"];
  const ofDatabase = [
    "kv_entries",
    "held_names",
    "erased_names",
    "used_codes",
    "known_devices",
    "invitations",
    "mails",
    "sessions",
    "services",
    "service_secrets",
    "signing_keys",
    "address_changes",
    "device_notices",
    "remembered_devices",
    "log_in_refusals",
    "delivery_addresses",
    "lost_factors",
    "due number leaves",
    "number_leaves",
    "jobs",
    "dead letters",
    "webhook_deliveries",
    "hourly_counts",
    "first_superuser_links",
    "ended disablings",
    "bulk_runs",
    "denials",
    "avatars",
    "data_exports",
    "deeds of erased staff",
    "deleted_accounts",
    "account_joins",
    "deletion_holds",
    "audit_entries",
    "typed searches",
    "due deletions",
    "the list of erased accounts",
  ];
  const purges = Object.keys(await app.app.maintenance.run());
  expect(purges).toEqual(app.config.redisUrl === null ? ofDatabase : [...ofDatabase, ...ofRedis]);
});
