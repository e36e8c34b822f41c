/**
 * Writes the generated documents: docs/openapi.json, docs/errors.md, docs/configuration.md, docs/schema.sql,
 * docs/retention.md, the table in docs/limits.md, docs/export.schema.json, the client's wire types, deploy/nginx/beside-django.conf, the commands in README.md and README.zh.md, the
 * providers' part of docs/providers.md, the examples in docs/verify-tokens.md, and the versions in the names of tarballs in
 * every page. `npm run generate` writes, `node scripts/generate.ts --check` fails where one is not current.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import openapiTS, { astToString, type OpenAPI3 } from "openapi-typescript";
import { createApp } from "../server/src/app/app.ts";
import { openDatabase } from "../server/src/app/engines.ts";
import { personalTables } from "../server/src/app/personal-data.ts";
import { readConfig } from "../server/src/config/config.ts";
import { variables } from "../server/src/config/env.ts";
import { migrate } from "../server/src/engines/database/migrate.ts";
import { errorCodes } from "../server/src/errors/error-codes.ts";
import { fieldCodes } from "../server/src/errors/field-codes.ts";
import { describeRoutes } from "../server/src/http/openapi.ts";
import { providerList } from "../server/src/identities/providers/providers.ts";
import { systemClock } from "../server/src/kernel/clock.ts";
import { createLog } from "../server/src/kernel/log.ts";
import type { Variable } from "../server/src/kernel/settings/variable.ts";
import { exportSchema } from "../server/src/rights/export-schema.ts";
import { besideDjango, type FoundRoute } from "./beside-django.ts";
import { readmesWithCommands } from "./command-table.ts";
import { limitDocuments } from "./limits-table.ts";
import { providerDocuments } from "./provider-guides.ts";
import { readTool } from "./read-options.ts";
import { retentionDocument } from "./retention.ts";
import { documentsWithTarballs } from "./tarball-names.ts";
import { verifyDocuments } from "./verify-guide.ts";
import { webhookDocuments } from "./webhook-events.ts";

/** Of a schema. */
interface Named {
  readonly type?: string;
}

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Every generated document by its path from the root. */
export async function generateDocuments(): Promise<Map<string, string>> {
  const documents = new Map<string, string>(await readmesWithCommands(root));
  documents.set("docs/errors.md", errorsDocument());
  documents.set("docs/configuration.md", configurationDocument());
  for (const [path, content] of [
    ...providerDocuments(root),
    ...verifyDocuments(root),
    ...webhookDocuments(root),
    ...limitDocuments(root),
  ])
    documents.set(path, content);
  const folder = mkdtempSync(join(tmpdir(), "meiduo-generate-"));
  try {
    const read = readConfig({ SECRET_KEY: "k".repeat(32), DATA_DIR: folder });
    const config = { ...read, secretKey: "k".repeat(32) };
    const db = openDatabase(config);
    await migrate(db, systemClock);
    await db.close();
    const schema = schemaDocument(join(folder, "meiduo.sqlite3"));
    documents.set("docs/schema.sql", schema);
    documents.set("docs/retention.md", retentionDocument(schema));
    const inExport = exportSchema(personalTables);
    documents.set("docs/export.schema.json", `${JSON.stringify(inExport, null, 2)}\n`);
    const { version } = JSON.parse(readFileSync(join(root, "server/package.json"), "utf8")) as {
      version: string;
    };
    const routes: FoundRoute[] = [];
    const app = await createApp(
      { config, log: createLog("silent") },
      {
        describe(api, url) {
          api.addHook("onRoute", ({ url: path, schema }) => {
            const { properties = {} } = (schema?.params ?? {}) as { properties?: Record<string, Named> };
            const isNumber = (name: string) => properties[name]?.type === "integer";
            routes.push({ url: path, numbers: Object.keys(properties).filter(isNumber) });
          });
          return describeRoutes(api, { url, version });
        },
      },
    );
    await app.api.ready();
    documents.set("deploy/nginx/beside-django.conf", besideDjango(routes));
    const description = (app.api as unknown as { swagger(): object }).swagger();
    documents.set("docs/openapi.json", `${JSON.stringify(description, null, 2)}\n`);
    documents.set("client/src/schema.d.ts", await clientTypes(description));
    await app.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  for (const [path, content] of documentsWithTarballs(root, documents)) documents.set(path, content);
  return documents;
}

/** The wire as the typed client sees it. */
async function clientTypes(description: object): Promise<string> {
  const types = astToString(await openapiTS(JSON.parse(JSON.stringify(description)) as OpenAPI3));
  return `// Generated from docs/openapi.json by "npm run generate".\n\n${types}`;
}

function errorsDocument(): string {
  const rows = Object.entries(errorCodes).map(
    ([code, { status, shape, zh, en, ...more }]) =>
      `| \`${code}\` | ${status} | \`${shape}\`${"clientCode" in more ? `, \`code\`: \`${more.clientCode}\`` : ""} | ${zh} | ${en} |`,
  );
  const fields = Object.entries(fieldCodes).map(([code, { zh, en }]) => `| \`${code}\` | ${zh} | ${en} |`);
  return `# Error codes 错误码

Generated from \`server/src/errors/error-codes.ts\` by \`npm run generate\`. Codes never change; texts may.
With \`Accept: application/problem+json\` an answer carries the code (RFC 9457); the default body carries the
text where "shape" says.

## Answers

| code | status | shape | 中文 | English |
| --- | --- | --- | --- | --- |
${rows.join("\n")}

## Problems of a field

\`invalid_fields\` lists these under the field's name.

| code | 中文 | English |
| --- | --- | --- |
${fields.join("\n")}
`;
}

function configurationDocument(): string {
  const families = providerList.flatMap(({ settings }) => settings.family ?? []);
  return `# Configuration 配置

Generated from the \`settings.ts\` of each room of the server by \`npm run generate\`. Variables come from the environment, or from
a file \`.env\` in the working directory; the environment wins. 🔒 marks values that are never shown.
\`npm run check-config\` prints what is in force.

${variableTable(variables)}

## OpenID Connect issuers OpenID Connect 签发者

Any number of them: \`<NAME>\` is capital letters, digits and \`_\`, and in lower case with \`-\` for \`_\` it is the
name in addresses: \`OIDC_MY_COMPANY_ISSUER\` makes \`/oauth/my-company/\`.
可以有任意多个：\`<NAME>\` 由大写字母、数字和 \`_\` 组成，其小写形式（\`_\` 变为 \`-\`）就是地址中的名字。

${families.map(({ variables }) => variableTable(variables)).join("\n\n")}
`;
}

function variableTable(table: Readonly<Record<string, Variable<unknown>>>): string {
  const rows = Object.entries(table).map(([name, variable]) => {
    const { fallback, fallbackText, secret, zh, en } = variable;
    const shown = fallbackText ?? (Array.isArray(fallback) ? fallback.join(", ") : String(fallback ?? ""));
    const cell = (shown === "" ? "(not set)" : shown).replaceAll("|", "\\|");
    return `| \`${name}\`${secret ? " 🔒" : ""} | ${cell} | ${zh} | ${en} |`;
  });
  return ["| variable | default | 说明 | meaning |", "| --- | --- | --- | --- |", ...rows].join("\n");
}

function schemaDocument(file: string): string {
  const database = new DatabaseSync(file, { readOnly: true });
  const rows = database
    .prepare("select sql from sqlite_master where sql is not null order by type desc, name")
    .all() as { sql: string }[];
  database.close();
  const readable = rows.map(
    ({ sql }) =>
      `${sql.replaceAll('"', "").replace(/, (?=\w+ (?:integer|bigint|varchar|text|blob))/g, ",\n  ")};`,
  );
  return `-- Generated from server/migrations by \`npm run generate\` (the SQLite rendering).\n\n${readable.join("\n\n")}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = readTool("generate");
  const stale: string[] = [];
  for (const [path, content] of await generateDocuments()) {
    let present = "";
    try {
      present = readFileSync(join(root, path), "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
    if (present === content) continue;
    if (values.check) stale.push(path);
    else {
      writeFileSync(join(root, path), content);
      process.stdout.write(`wrote ${path}\n`);
    }
  }
  if (stale.length > 0) {
    process.stderr.write(`Not current: ${stale.join(", ")}. Run "npm run generate" and commit the result.\n`);
    process.exitCode = 1;
  }
}
