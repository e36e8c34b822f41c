import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";
import { notTested } from "../support/not-tested.ts";
import { testVerifyingServices, type VerifyingService } from "../support/verifying-services.ts";

/** The services of examples/ that verify our access tokens by themselves, in Node and with Debian's Django. */
const examples = resolve(import.meta.dirname, "../../../examples");
const inNode = ["verify-express", "verify-hono", "verify-fastify"];

it("the Node examples have one verifier, byte for byte", () => {
  const [first, ...others] = inNode.map((name) =>
    readFileSync(join(examples, name, "verify-token.js"), "utf8"),
  );
  for (const other of others) expect(other).toBe(first);
});

const python = "/usr/bin/python3";
const modules = "django, rest_framework, rest_framework_simplejwt, jwt, cryptography";
const hasDjango = spawnSync(python, ["-c", `import ${modules}`]).status === 0;
if (!hasDjango)
  notTested(
    "python3-djangorestframework, python3-djangorestframework-simplejwt, python3-jwt and python3-cryptography of Debian",
  );

const withDjango = ["verify-django-pyjwt", "verify-django-simplejwt"].map((name) => ({
  name,
  line: `${python} service.py`,
  env: { PYTHONUNBUFFERED: "1", PYTHONDONTWRITEBYTECODE: "1" },
}));

testVerifyingServices([
  ...inNode.map(
    (name): VerifyingService => ({ name, line: "node server.js", prepare: (folder) => folder.install() }),
  ),
  ...(hasDjango ? withDjango : []),
]);
