import type { App } from "../app/app-interface.ts";
import type { Holder } from "../passwords/fair-waiting.ts";

/** Accounts of a suite, made as an operator makes them: they need no code. */
export interface TestPerson {
  readonly username: string;
  /** Any: the policy for passwords is not asked. By default a long one. */
  readonly password?: string;
  /** Counts as confirmed. */
  readonly email?: string;
  readonly mobile?: string;
  readonly isStaff?: boolean;
  readonly isSuperuser?: boolean;
  /** Such as `users.view_user`. */
  readonly permissions?: readonly string[];
}

export interface TestAccount {
  readonly id: number;
  readonly username: string;
  readonly password: string;
  /** An access token, for `Authorization: JWT <token>`. It expires by the server's clock. */
  readonly token: string;
}

const usualPassword = "a-long-enough-passphrase";
const asker: Holder = { client: "meiduo-accounts/testing", account: null };

export async function addTestAccount(app: App, person: TestPerson): Promise<TestAccount> {
  const { username, password = usualPassword, permissions = [] } = person;
  const password_hash = await app.passwords.hash(password, asker);
  const id = await app.db.transaction(async (db) => {
    const added = await app.users.add(
      db,
      {
        ...{ username, password_hash },
        ...{ email: person.email ?? null, mobile: person.mobile ?? null },
        email_verified: person.email === undefined ? 0 : 1,
        is_staff: person.isStaff ? 1 : 0,
        is_superuser: person.isSuperuser ? 1 : 0,
      },
      "operator",
    );
    // Thrown, so that what was written is undone.
    if ("taken" in added) throw new Error(`the ${added.taken} of ${username} is taken`);
    await app.groups.grantToUser(db, added.id, permissions);
    return added.id;
  });
  return { id, username, password, token: await logIn(app, username, password) };
}

async function logIn({ api }: App, username: string, password: string): Promise<string> {
  const answer = await api.inject({
    method: "POST",
    url: "/users/authorizations/",
    payload: { username, password },
  });
  if (answer.statusCode !== 200)
    throw new Error(`log-in of ${username}: ${answer.statusCode} ${answer.body}`);
  return answer.json().token;
}
