import { claimsOf } from "./forged-token.ts";
import { makePerson, type Person } from "./people.ts";
import type { TestApp } from "./test-app.ts";

/** Acting in an owner's place, for tests: a site where it is on, and who may. */
export const impersonationOn = { IMPERSONATION: "on", IMPERSONATION_MINUTES: "60" };

export const mayImpersonate = ["users.view_user", "users.impersonate_user", "users.look_as_user"];

export const makeHelper = (test: TestApp, name: string): Promise<Person> =>
  makePerson(test, name, { is_staff: 1, permissions: mayImpersonate });

export const impersonationUrl = (id: number) => `/admin/users/${id}/impersonation/`;

export function begin(test: TestApp, staff: Pick<Person, "token">, id: number, reason = "ticket 17") {
  return test.as(staff.token)({ method: "POST", url: impersonationUrl(id), payload: { reason } });
}

/** The token of one that is begun. */
export async function tokenFor(test: TestApp, staff: Pick<Person, "token">, id: number): Promise<string> {
  const answer = await begin(test, staff, id);
  if (answer.statusCode !== 201) throw new Error(`${answer.statusCode} ${answer.body}`);
  return answer.json().token;
}

export const sessionOf = (token: string): string => String(claimsOf(token).sid);
