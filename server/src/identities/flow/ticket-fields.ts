import { AppError, type FieldProblem, invalidFields } from "../../errors/errors.ts";
import { readAttached } from "../../kernel/schema/read-fields.ts";
import Type from "../../kernel/schema/schema.ts";
import { ticketInvalid } from "./ticket.ts";

/** The ticket under its old name or its own. */
export const ticketFields = {
  access_token: Type.Optional(Type.String({ maxLength: 2048 })),
  bind_token: Type.Optional(Type.String({ maxLength: 2048 })),
} as const;

/** The checked fields and the ticket, which may come under either name but has to come. */
export function readWithTicket(
  request: Parameters<typeof readAttached>[0],
  order: readonly string[],
  /** What the handler has to say to the problems found. */
  judge: (problems: readonly FieldProblem[]) => readonly FieldProblem[] = (problems) => problems,
): {
  ticket: string;
  valid: Readonly<Record<string, unknown>>;
  /** Lets a refusal of the ticket speak of the field that it was sent in. */
  named: <Result>(work: Promise<Result>) => Promise<Result>;
} {
  const { problems, valid } = readAttached(request);
  const ticket = valid.bind_token ?? valid.access_token;
  const isMissing =
    ticket === undefined && !problems.some(({ field }) => /^(access|bind)_token$/.test(field));
  const found: FieldProblem[] = [
    ...judge(problems),
    ...(isMissing ? [{ field: "access_token", code: "required" } as const] : []),
  ];
  if (found.length > 0) {
    throw invalidFields(...found.toSorted((a, b) => order.indexOf(a.field) - order.indexOf(b.field)));
  }
  const field = valid.bind_token === undefined ? "access_token" : "bind_token";
  const named = <Result>(work: Promise<Result>) =>
    work.catch((error: unknown) => {
      throw error instanceof AppError && error.code === "ticket_invalid" ? ticketInvalid(field) : error;
    });
  return { ticket: String(ticket), valid, named };
}
