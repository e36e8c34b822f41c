import ts from "typescript";
import { ban, isProduct, naming, productBut, type Rule } from "./rule.ts";

/** What accounts/ alone decides about an account. */

/** A call of the query layer, or a text of SQL, that writes one of these tables. */
function writing(verbs: string, tables: string): (node: ts.Node) => boolean {
  const sql: Readonly<Record<string, string>> = {
    insertInto: "insert\\s+into",
    updateTable: "update",
    deleteFrom: "delete\\s+from",
  };
  const calls = new RegExp(`^(${verbs})$`);
  const words = verbs.split("|").flatMap((verb) => sql[verb] ?? []);
  const statements = new RegExp(`\\b(${words.join("|")})\\s+(${tables})\\b`);
  const named = new RegExp(`^(${tables})$`);
  return (node) => {
    if (ts.isCallExpression(node)) {
      const [table] = node.arguments;
      const isWrite = ts.isPropertyAccessExpression(node.expression) && calls.test(node.expression.name.text);
      return isWrite && table !== undefined && ts.isStringLiteralLike(table) && named.test(table.text);
    }
    const isText =
      ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node);
    return isText && statements.test(node.text);
  };
}

/** The import writes accounts in bulk, by names of tables that it holds in a list (import-django.ts). */
export const onlyAccountsWritesThem: Rule = {
  check: ban(
    productBut(/^server\/src\/accounts\//),
    writing("insertInto|updateTable|deleteFrom|replaceInto|mergeInto", "users|login_names"),
    "writes accounts: use what accounts/ offers",
  ),
  planted: {
    "server/src/admin/user-admin.ts": `
db.kysely.updateTable("users").set({ is_staff: 1 }); // red
const made = db.kysely.insertInto( // red
  "login_names");
db.kysely.deleteFrom("users"); // red
sql\`update users set is_staff = 1\`; // red
sql\`delete from login_names where id = \${id}\`; // red
db.kysely.selectFrom("users");
db.kysely.updateTable("user_groups");
// updateTable("users")
`,
    "server/src/accounts/user-store.ts": 'db.kysely.insertInto("users");',
  },
};

/** People make an account of their own by `admission.add`, which asks whether they may. */
export const onlyAdmissionLetsIn: Rule = {
  check: ban(
    (file) => /^server\/src\/(sign-in|identities)\//.test(file) && isProduct(file),
    (node) =>
      (ts.isPropertyAccessExpression(node) &&
        /\busers$/.test(node.expression.getText()) &&
        node.name.text === "add") ||
      (ts.isBindingElement(node) &&
        ts.isVariableDeclaration(node.parent.parent) &&
        /\busers$/.test(node.parent.parent.initializer?.getText() ?? "") &&
        (node.propertyName ?? node.name).getText() === "add"),
    "adds an account: use admission.add",
  ),
  planted: {
    "server/src/sign-in/sign-up.ts": `
const made = await users.add(transaction, user); // red
const other = await deps.users.add(transaction, user); // red
const { add } = users; // red
const right = await admission.add(transaction, user);
seen.add(user);
`,
    "server/src/admission/admission.ts": "await users.add(transaction, user);",
  },
};

/** Whoever changes an account there ends its tokens where it has to. */
export const onlyChangeChangesAccounts: Rule = {
  check: ban(
    productBut(/^server\/src\/accounts\/change\.ts$/),
    writing("updateTable", "users"),
    "changes an account",
  ),
  planted: {
    "server/src/accounts/account.ts": `
db.kysely.updateTable("users").set({ credentials_version: 7 }); // red
sql\`update users set credentials_version = 7\`; // red
db.kysely.insertInto("users");
`,
    "server/src/accounts/change.ts": 'db.kysely.updateTable("users");',
  },
};

/** An account begins with a version in its record and in the bulk import; only change.ts gives it another. */
export const onlyChangeEndsTokens: Rule = {
  check: naming(
    /^(newCredentialsVersion|randomShift)$/,
    /^server\/src\/(accounts\/(change|credentials-version|record)|django\/sources\/django-rows)\.ts$/,
    "makes a credentials version: use accounts/change.ts",
  ),
  planted: {
    "server/src/sessions/tokens.ts": "const version = newCredentialsVersion(); // red",
    "server/src/accounts/change.ts": "const version = newCredentialsVersion();",
  },
};

/**
 * The field objects of accounts/ have them, which alone read the texts' own in kernel/. Nobody logs in by the address for
 * help, which brand/ reads.
 */
export const namesHaveOneRule: Rule = {
  check: naming(
    /^(checkEmail|normalizeEmail|emailMaxLength|checkMobile|mobileLength|looksLikeMobile)$/,
    /^server\/src\/(accounts|kernel|brand)\//,
    "has a rule of its own for names people log in by: use accounts/{username,email,mobile}.ts",
  ),
  planted: {
    "server/src/sign-in/log-in.ts": 'import { checkEmail } from "../kernel/email-address.ts"; // red',
    "server/src/accounts/email.ts": 'import { checkEmail } from "../kernel/email-address.ts";',
    "server/src/kernel/email-address.ts": "export const emailMaxLength = 254;",
    "server/src/codes/code.ts": "// checkEmail is for accounts/ alone",
  },
};

/** Services have words of their own; another client may have other fields. */
export const wireNamesAreForRoutes: Rule = {
  check: naming(
    /^password2$/,
    /-routes\.ts$/,
    "is the tutorial's name of a field: translate it in the route",
  ),
  planted: {
    "server/src/sign-in/sign-up.ts": "if (input.password !== input.password2) throw differ; // red",
    "server/src/sign-in/user-routes.ts": "const { password2: repeated, ...body } = request.body;",
  },
};
