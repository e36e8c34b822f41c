import { join, resolve } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";

/**
 * What the compiler refuses: a job that isn't there or gets another payload, an endpoint that isn't there or gets
 * another body. Each program is compiled beside the sources, as if it were one of them.
 */
const root = resolve(import.meta.dirname, "../../..");

function refusals(folder: string, config: string, programs: Readonly<Record<string, string>>) {
  const { config: read } = ts.readConfigFile(join(root, config), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(read, ts.sys, join(root, config, ".."));
  const files = new Map(
    Object.entries(programs).map(([name, text]) => [join(root, folder, `${name}.ts`), text]),
  );
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (file) => files.has(file) || fileExists(file);
  host.readFile = (file) => files.get(file) ?? readFile(file);
  host.getSourceFile = (file, language, ...more) => {
    const text = files.get(file);
    return text === undefined
      ? getSourceFile.call(host, file, language, ...more)
      : ts.createSourceFile(file, text, language);
  };
  const program = ts.createProgram(
    [...files.keys()],
    { ...options, noEmit: true, noUnusedLocals: false, noUnusedParameters: false },
    host,
  );
  return Object.fromEntries(
    [...files.keys()].map((file, at) => [
      Object.keys(programs)[at],
      program.getSemanticDiagnostics(program.getSourceFile(file)).map(({ code }) => code),
    ]),
  );
}

test("a job is enqueued by its kind, with its payload", () => {
  const job = (call: string) => `
    import type { Db } from "./engines/database/database.ts";
    import type { Jobs } from "./engines/jobs/jobs.ts";
    import { securityNoticeJob } from "./accounts/user-jobs.ts";
    export const run = (jobs: Jobs, db: Db) => ${call};`;
  const payload = '{ userId: 1, kind: "email_changed", language: "zh", at: 0 }';
  expect(
    refusals("server/src", "tsconfig.json", {
      right: job(`jobs.enqueue(securityNoticeJob, ${payload})`),
      rightInTransaction: job(`jobs.enqueueWith(db, securityNoticeJob, ${payload})`),
      misspeltKind: job(`jobs.enqueue("security-notise", ${payload})`),
      misspeltName: job(`jobs.enqueue(securityNotiseJob, ${payload})`),
      otherPayload: job('jobs.enqueue(securityNoticeJob, { userId: "1" })'),
      misspeltChoice: job(`jobs.enqueueWith(db, securityNoticeJob, ${payload.replace("email_", "mail_")})`),
    }),
  ).toEqual({
    right: [],
    rightInTransaction: [],
    misspeltKind: [2345],
    misspeltName: [2552],
    otherPayload: [2322],
    misspeltChoice: [2820],
  });
});

test("the client calls endpoints that are there, with their fields, and knows the answer", () => {
  const call = (expression: string) => `
    import type { EndpointCall } from "./endpoint.ts";
    export const run = async (call: EndpointCall) => ${expression};`;
  expect(
    refusals("client/src", "client/tsconfig.json", {
      right: call(
        '(await call("POST /users/authorizations/", { body: { username: "a", password: "b" } })).token',
      ),
      rightPath: call('(await call("GET /admin/users/{id}/", { path: { id: 1 } })).username'),
      misspeltPath: call('call("GET /usr/", {})'),
      otherMethod: call('call("DELETE /user/", {})'),
      missingBody: call('call("POST /users/authorizations/", {})'),
      misspeltBody: call('call("POST /users/authorizations/", { body: { username: "a", pasword: "b" } })'),
      missingPath: call('call("GET /admin/users/{id}/", {})'),
      misspeltAnswer: call('(await call("GET /user/", {})).usernam'),
    }),
  ).toEqual({
    right: [],
    rightPath: [],
    misspeltPath: [2345],
    otherMethod: [2345],
    missingBody: [2345],
    misspeltBody: [2561],
    missingPath: [2345],
    misspeltAnswer: [2551],
  });
});
