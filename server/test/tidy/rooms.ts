import { domains, importsWhere } from "./layout.ts";
import { findingAt, isProduct, naming, type Rule, roomOf } from "./rule.ts";

/** What one room leaves to another. */

export const storesAreTheirRooms: Rule = {
  check: (sources) =>
    importsWhere(sources, isProduct, ({ from, to }) => {
      const [own, other] = [roomOf(from), roomOf(to)];
      if (other === null || own === other || own === "app") return false;
      return /-store\.ts$/.test(to) && domains.includes(other);
    }),
  planted: {
    "server/src/sign-in/log-in.ts": `
import { findByName } from "../accounts/user-store.ts"; // red
const late = () => import("../permissions/group-store.ts"); // red
import type { User } from "../accounts/user-store.ts"; // red
import { createUsers } from "../accounts/users.ts";
`,
    "server/src/accounts/users.ts": 'import { findByName } from "./user-store.ts";',
  },
};

export const configIsForTheComposition: Rule = {
  check: (sources) =>
    importsWhere(sources, isProduct, ({ from, to }) => {
      return roomOf(to) === "config" && !["app", "cli", "config", "embed", null].includes(roomOf(from));
    }),
  planted: {
    "server/src/engines/mail/smtp-mailer.ts": 'import type { Config } from "../../config/config.ts"; // red',
    "server/src/app/engines.ts": 'import type { Config } from "../config/config.ts";',
    "server/src/main.ts": 'import { readConfig } from "./config/config.ts";',
  },
};

export const webFrameworkAtTheEdge: Rule = {
  check: (sources) =>
    importsWhere(sources, isProduct, ({ from, to, typeOnly }) => {
      const isEdge = ["http", "site"].includes(roomOf(from) ?? "") || from.endsWith("-routes.ts");
      return /^(fastify$|@fastify\/)/.test(to) && !typeOnly && !isEdge;
    }),
  planted: {
    "server/src/accounts/account.ts": `
import Fastify from "fastify"; // red
const files = () => import("@fastify/static"); // red
import type { FastifyRequest } from "fastify";
`,
    "server/src/accounts/account-routes.ts": 'import formbody from "@fastify/formbody";',
    "server/src/http/server.ts": 'import Fastify from "fastify";',
  },
};

/** Development loads the sandbox while it runs; production never does (start-production.test.ts). */
export const productStandsAlone: Rule = {
  check: (sources) =>
    importsWhere(sources, isProduct, ({ from, to, dynamic }) => {
      const isLoadedLate = to.startsWith("sandbox/") && from === "server/src/cli/run/start.ts" && dynamic;
      return /^(scripts|sandbox|bench|e2e|docs|server\/test)\//.test(to) && !isLoadedLate;
    }),
  planted: {
    "server/src/cli/run/start.ts": `
import { buildSite } from "../../../../scripts/build-site.ts"; // red
const { main } = await import("../../../../scripts/test.ts"); // red
import { createSandbox } from "../../../../sandbox/sandbox.ts"; // red
import type { Clock } from "../../../test/support/fake-clock.ts"; // red
const { createSandbox } = await import("../../../../sandbox/sandbox.ts");
import { siteDir } from "../../site/build-site.ts";
`,
  },
};

export const onlyTheDoorIssues: Rule = {
  check: naming(
    /^issueAccessToken$/,
    /^server\/src\/(sessions\/tokens|sign-in\/complete)\.ts$/,
    "issues a token: hand what was proved to `complete`",
  ),
  planted: {
    "server/src/sign-in/oauth-routes.ts": `
// The door, not issueAccessToken.
const token = await tokens.issueAccessToken(user); // red
`,
    "server/src/app/app.ts": "userRoutes(api, { issue: tokens.issueAccessToken }); // red",
    "server/src/admin/user-admin.ts": "const { issueAccessToken } = tokens; // red",
    "server/src/sign-in/complete.ts": "const token = await tokens.issueAccessToken(account);",
  },
};

/** The rule above is about a name: renamed, it would look for nothing. */
export const theDoorIssues: Rule = {
  check: (sources) =>
    sources
      .filter(({ file }) => file === "server/src/sign-in/complete.ts")
      .filter(({ text }) => !text.includes("tokens.issueAccessToken("))
      .map((source) => findingAt(source, source.tree, "calls no issueAccessToken")),
  planted: { "server/src/sign-in/complete.ts": "const token = await tokens.sign(account); // red" },
};
