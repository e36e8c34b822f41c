import { ApiError } from "@meiduo/client";
import { ref } from "vue";

/** What a form shows of its last submission: that it runs, and what the server said against it, by field. */
export function useForm() {
  const isRunning = ref(false);
  const failure = ref<ApiError | null>(null);

  async function submit(work: () => Promise<unknown>): Promise<boolean> {
    isRunning.value = true;
    failure.value = null;
    try {
      await work();
      return true;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      failure.value = error;
      return false;
    } finally {
      isRunning.value = false;
    }
  }

  /** The server's words about one field, in the language of the session. */
  const wrong = (field: string) => failure.value?.field(field)?.message ?? "";
  /** Its words about all of it, where they are about no field. */
  const wrongAtAll = () => (failure.value && failure.value.fields.length === 0 ? failure.value.message : "");

  return { isRunning, submit, wrong, wrongAtAll };
}
