import type { Asker } from "../devices/asker.ts";
import type { StepUpCaller } from "../http/step-up.ts";
import type { StepUpAction } from "../kernel/step-up-actions.ts";

/**
 * Makes sure that it is the owner who asks, and not somebody with a stolen token: by the present password in the call, or as
 * sign-in/step-up.ts says. Errors: `invalid_fields` (current_password), `reauthentication_required`, `throttled`, `busy`.
 */
export type ExpectOwner = (password: string | undefined) => Promise<void>;

/**
 * For a call that may carry the present password; `inThisCall`: however recent the log-in, and with `where possible` but for an
 * account that has nothing to show but a log-in.
 */
export type OwnerOf = (
  caller: StepUpCaller,
  call: {
    readonly action: StepUpAction;
    readonly inThisCall?: boolean | "where possible";
    readonly asker: Asker;
  },
) => ExpectOwner;
