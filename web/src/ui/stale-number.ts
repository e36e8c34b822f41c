/** What is sent beside a code to a number that was not proved for long, and whether the server asked for it. */
import { ApiError } from "@meiduo/client";
import { ref } from "vue";
import { siteConfig } from "../api.ts";

interface StaleValues {
  readonly email: string;
  readonly email_code: string;
  readonly current_password: string;
  readonly factor_code: string;
}

export const staleValues = { current_password: "", factor_code: "" };

export function useStaleNumber() {
  /** Until the server says it, nobody is asked for more. */
  const stale = ref(false);
  const { mode, by } = siteConfig().signUp;
  return {
    stale,
    /** Whether who has the number now can make an account of it. */
    mayMakeAnother: mode !== "closed" && by.includes("mobile"),
    /** Whether this failure says it; then the page asks for more. */
    isStale(failure: unknown): boolean {
      if (!(failure instanceof ApiError) || failure.code !== "number_stale") return false;
      stale.value = true;
      return true;
    },
    /** What of it is filled in; nothing where nobody asked. */
    proof: (values: StaleValues) =>
      !stale.value
        ? {}
        : {
            ...(values.current_password === "" ? {} : { current_password: values.current_password }),
            ...(values.factor_code === "" ? {} : { factor_code: values.factor_code }),
            ...(values.email_code === ""
              ? {}
              : { email: values.email.trim(), email_code: values.email_code }),
          },
  };
}
