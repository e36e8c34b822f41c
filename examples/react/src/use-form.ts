import { ApiError } from "@meiduo/client";
import { useState } from "react";

/** What a form shows of its last submission: that it runs, and what the server said against it, by field. */
export function useForm() {
  const [isRunning, setIsRunning] = useState(false);
  const [failure, setFailure] = useState<ApiError | null>(null);

  async function submit(work: () => Promise<unknown>): Promise<boolean> {
    setIsRunning(true);
    setFailure(null);
    try {
      await work();
      return true;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setFailure(error);
      return false;
    } finally {
      setIsRunning(false);
    }
  }

  /** The server's words about one field, in the language of the session. */
  const wrong = (field: string) => failure?.field(field)?.message ?? "";
  /** Its words about all of it, where they are about no field. */
  const wrongAtAll = failure && failure.fields.length === 0 ? failure.message : "";

  return { isRunning, submit, wrong, wrongAtAll };
}
