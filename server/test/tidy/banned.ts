import ts from "typescript";
import { ban, isProduct, isTest, type Rule } from "./rule.ts";
import type { Source } from "./sources.ts";

/** What isn't written, and what is written instead. */

type Match = (node: ts.Node) => boolean;

/** `object.member`, `object["member"]`, `const { member } = object` and the same by an import of the module. */
function member(object: string, name?: string): Match {
  const isMember = (text: string) => name === undefined || text === name;
  const isObject = (node: ts.Node | undefined): boolean =>
    node !== undefined &&
    ((ts.isIdentifier(node) && node.text === object) ||
      // globalThis.process
      (ts.isPropertyAccessExpression(node) && node.name.text === object));
  return (node) => {
    if (ts.isPropertyAccessExpression(node)) return isObject(node.expression) && isMember(node.name.text);
    if (ts.isElementAccessExpression(node)) {
      const key = node.argumentExpression;
      return isObject(node.expression) && (!ts.isStringLiteralLike(key) || isMember(key.text));
    }
    if (ts.isImportSpecifier(node)) {
      const from = node.parent.parent.parent.moduleSpecifier as ts.StringLiteral;
      return from.text.replace("node:", "") === object && isMember((node.propertyName ?? node.name).text);
    }
    if (!ts.isBindingElement(node) || !ts.isVariableDeclaration(node.parent.parent)) return false;
    return isObject(node.parent.parent.initializer) && isMember((node.propertyName ?? node.name).getText());
  };
}

export const timeComesFromAClock: Rule = {
  check: ban(isProduct, member("Date", "now"), "reads the machine's clock: use a Clock"),
  exceptions: {
    "server/src/kernel/clock.ts reads the machine's clock: use a Clock": "it is the Clock",
  },
  planted: {
    "server/src/codes/code.ts": `
const at = Date.now(); // red
const later = Date.now; // red
const { now } = Date; // red
const right = clock.now(); // Date.now() it isn't
`,
    "server/src/codes/code.test.ts": "const at = Date.now();",
  },
};

export const settingsComeFromConfig: Rule = {
  check: ban(isProduct, member("process", "env"), "reads the environment: use settings"),
  exceptions: {
    "server/src/main.ts reads the environment: use settings": "a process begins there",
    "server/src/site/build-site-main.ts reads the environment: use settings": "a process begins there",
    "server/src/embed/testing.ts reads the environment: use settings":
      "to refuse where the program around it runs in production",
  },
  planted: {
    "server/src/engines/mail/mail.ts": `
const url = process.env.SMTP_URL; // red
const { env } = process; // red
const same = process["env"]; // red
const any = process[name]; // red
const whole = globalThis.process.env; // red
import { env as all } from "node:process"; // red
import { argv } from "node:process";
const said = "process.env is for main.ts alone";
`,
    "bench/run.ts": "const all = process.env;",
  },
};

export const outputGoesThroughTheLog: Rule = {
  check: ban(
    (file) => isProduct(file) || file.startsWith("sandbox/"),
    member("console"),
    "writes to the console: use the log",
  ),
  planted: {
    "sandbox/page.ts": 'console.log("here"); // red',
    "server/src/http/server.ts": 'const { error } = console; // red\nlog.error("console.log");',
    "scripts/run.mjs": 'console.error("no");',
  },
};

export const randomnessComesFromIds: Rule = {
  check: ban(isProduct, member("Math", "random"), "can be guessed: use kernel/ids.ts"),
  planted: { "server/src/codes/code.ts": "const code = Math.random(); // red\nconst most = Math.max(1, 2);" },
};

/** A pattern of places, or the one place that `replace` and `replaceAll` look for. */
const fillsPlaces: Match = (node) => {
  if (ts.isRegularExpressionLiteral(node)) return node.text.includes("\\{(\\w+)\\}");
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return false;
  const [sought] = node.arguments;
  if (!node.expression.name.text.startsWith("replace") || sought === undefined) return false;
  return ts.isStringLiteralLike(sought) && /^\{\w+\}$/.test(sought.text);
};

export const textsAreFilledInOnePlace: Rule = {
  check: ban(isProduct, fillsPlaces, "fills {name} by itself: use fillText"),
  exceptions: {
    "server/src/errors/fill-text.ts fills {name} by itself: use fillText": "it is the one that does",
  },
  planted: {
    "server/src/cli/failure.ts": `
const text = words.replace(/\\{(\\w+)\\}/g, (_, name) => values[name]); // red
const one = words.replaceAll("{host}", host); // red
const key = /\\{([^}]+)\\}/.exec(redisKey);
const shut = words.replaceAll("{", "[");
`,
  },
};

/** Called `create` on something, or a function of that name that takes part in a transaction or has an administrator. */
const createsRow: Match = (node) => {
  if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
    const { name, expression } = node.expression;
    return name.text === "create" && expression.getText() !== "Object";
  }
  if (!ts.isMethodDeclaration(node) && !ts.isFunctionDeclaration(node)) return false;
  const [first] = node.parameters;
  return (
    /^create/.test(node.name?.getText() ?? "") &&
    ["transaction", "actor"].includes(first?.name.getText() ?? "")
  );
};

export const rowsAreAdded: Rule = {
  check: ban(isProduct, createsRow, "creates a row: it is added (docs/adr/0011)"),
  planted: {
    "server/src/sign-in/sign-up.ts": `
const users = createUsers({ db });
const made = await users.create(transaction, user); // red
export async function createGroup(transaction: Db) {} // red
const service = { async createPermission(actor: Administrator) {} }; // red
const plain = Object.create(null);
`,
  },
};

export const everythingHasAType: Rule = {
  check: ban(isProduct, (node) => node.kind === ts.SyntaxKind.AnyKeyword, "says `any`: use a type"),
  exceptions: {
    "server/src/engines/database/migrate.ts says `any`: use a type":
      "a migration speaks of the schema of its own time, not of today's",
  },
  planted: {
    "server/src/codes/code.ts": `
const a = b as any; // red
function f(given: any[]) {} // red
const m = new Map<string, any>(); // red
const any = "any"; // any
`,
    "server/src/codes/code.test.ts": "const a = b as any;",
  },
};

/** `it.skip(…)`, `it.only.each(…)`, `context.skip()` and `it("…", { todo: true }, …)`. */
const isSwitchedOff: Match = (node) => {
  const isSwitch = (name: ts.Node) => ["skip", "only", "todo"].includes(name.getText());
  const isOfTests = (callee: ts.Node) => /^(it|test|describe)\b/.test(callee.getText());
  if (ts.isPropertyAccessExpression(node)) {
    const isCalled = ts.isCallExpression(node.parent) && node.parent.expression === node;
    return isSwitch(node.name) && (isCalled || isOfTests(node.expression));
  }
  if (!ts.isPropertyAssignment(node) || !isSwitch(node.name)) return false;
  const call = node.parent.parent;
  return ts.isCallExpression(call) && isOfTests(call.expression);
};

export const testsRun: Rule = {
  check: ban(
    // What tests of bench/ share has no folder of its own.
    (file) => isTest(file) || file.startsWith("bench/"),
    isSwitchedOff,
    "doesn't run, or lets others not run",
  ),
  planted: {
    "server/src/codes/code.test.ts": 'it.only("a", () => {}); // red\nit("b", () => {});',
    "e2e/journeys/a.test.ts": 'describe.skip("a", () => {}); // red\nconst skip = list.skipped();',
    "web/src/ui/form.test.ts": `
it.todo("a"); // red
it.skip.each([1, 2])("b", () => {}); // red
it("c", { skip: true }, () => {}); // red
it("d", (context) => context.skip()); // red
it("e", () => expect(read({ only: null })).toBe(true));
`,
  },
};

/** What stands in comments is text to the compiler too. */
function banText(pattern: RegExp, what: string): Rule["check"] {
  const inSource = ({ file, lines }: Source) =>
    lines.flatMap((line, index) => (pattern.test(line) ? [{ file, line: index + 1, what }] : []));
  return (sources) => sources.flatMap(inSource);
}

// In two pieces, so that the examples here are not found.
const comment = (word: string, rest: string) => `// ${word}${rest}`;

export const theCompilerIsNotSilenced: Rule = {
  check: banText(/@ts[-](ignore|nocheck|expect-error)/, "silences the compiler: use a type that fits"),
  planted: {
    "web/src/api.ts": `${comment("@ts", "-expect-error")} // red\nconst a: string = 1;`,
    "client/src/client.ts": "// It would be ignored.\nconst ignore = 0;",
  },
};

export const workIsDone: Rule = {
  check: banText(/\b(TO[D]O|FIX[M]E|X[X]X)\b/, "is put off: do it"),
  planted: {
    "scripts/run.mjs": `${comment("TO", "DO")}: the rest // red`,
    "bench/run.ts": "const todo = 0;",
  },
};
