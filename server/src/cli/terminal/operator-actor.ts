import { userInfo } from "node:os";
import type { Operator } from "../../admin/administrator.ts";
import type { Source } from "../../config/config.ts";

/** The person at the command line, for the audit log: who called sudo, where the wrapper says so. */
export function operatorActor({ MEIDUO_CALLED_BY }: Source): Operator {
  return {
    id: null,
    name: `${MEIDUO_CALLED_BY ?? personHere()} (manage)`,
    requestId: null,
    isOperator: true,
  };
}

/** A container may run under a number that has no name. */
function personHere(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.()}`;
  }
}
