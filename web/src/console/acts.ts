/** What a page's buttons do: one thing at a time, after which the page is read again and says that it is done. */
import { onMounted, ref } from "vue";
import { useAttempt } from "../ui/attempt.ts";

export function useActs(load: () => Promise<void>) {
  const done = ref(false);
  const { busy, failure, attempt } = useAttempt();
  onMounted(() => attempt(load));

  const act = (what: () => Promise<unknown>) =>
    attempt(async () => {
      done.value = false;
      await what();
      await load();
      done.value = true;
    });
  /** Reads the page again, for another filter. */
  const again = () => {
    done.value = false;
    return attempt(load);
  };

  return { busy, failure, done, act, again };
}
