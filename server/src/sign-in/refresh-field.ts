import type { FastifyReply } from "fastify";
import type { User } from "../accounts/record.ts";
import { readableEmail } from "../kernel/email-address.ts";
import Type from "../kernel/schema/schema.ts";
import type { Session } from "./complete.ts";

/**
 * How each way in is asked for refresh tokens, and answers them: `refresh: true` among the fields, or the parameters of
 * a GET. A session in a cookie is asked for by a header (http/cookie-guard.ts), and then lasts by `refresh`. What does not ask is answered as the original answered, with a token of JWT_EXPIRATION_DELTA.
 */
export const refreshField = { refresh: Type.Optional(Type.Boolean()) };

export const refreshAnswer = {
  refresh_token: Type.Optional(Type.String()),
  /** From when the account's log-ins can only set up a second factor; absent where nothing is demanded. */
  second_factor_due: Type.Optional(Type.String()),
};

/** What an answer says of the session; its cookies are set. `token` is empty where one of them is the session. */
export function tokensOf(
  session: Session,
  reply: FastifyReply,
): { readonly token: string; readonly refresh_token?: string; readonly second_factor_due?: string } {
  for (const cookie of session.cookies) reply.header("set-cookie", cookie);
  const { token, refreshToken, secondFactorDue: due = null } = session;
  return {
    token,
    ...(refreshToken !== null && { refresh_token: refreshToken }),
    ...(due !== null && { second_factor_due: new Date(due).toISOString() }),
  };
}

/** What the tutorial's log-in answers, at once or after a second step. */
export const LogInAnswer = Type.Object({
  token: Type.String(),
  user_id: Type.Integer(),
  username: Type.String(),
  ...refreshAnswer,
});

/** The values of LogInAnswer; the session's cookies are set. */
export function logInAnswer(
  { id, username }: Pick<User, "id" | "username">,
  session: Session,
  reply: FastifyReply,
) {
  return { user_id: id, username: readableEmail(username), ...tokensOf(session, reply) };
}
