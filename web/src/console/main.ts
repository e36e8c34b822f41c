import "../styles/tokens.css";
import "../styles/base.css";
import "../styles/forms.css";
import "./console.css";
import "./operator.css";
import { createApp } from "vue";
import { connectPage } from "../connect.ts";
import { i18n } from "../language.ts";
import { describeFailure } from "../ui/failure-text.ts";
import ConsoleApp from "./ConsoleApp.vue";
import { router } from "./router.ts";

const app = createApp(ConsoleApp).use(i18n);

async function start(): Promise<void> {
  const trouble = await connectPage({ isSite: false });
  if (trouble === null) app.use(router);
  const cause = trouble === null ? await firstPage() : trouble.error;
  if (cause !== null) console.error(cause);
  createFrame(cause);
}

/** Rejected where the API does not say who is asking. */
async function firstPage(): Promise<unknown> {
  try {
    await router.isReady();
    return null;
  } catch (error) {
    return error;
  }
}

function createFrame(cause: unknown): void {
  if (cause === null) app.mount("#app");
  else {
    const { message, detail } = describeFailure(cause);
    const words = document.createElement("main");
    words.className = "older";
    words.setAttribute("role", "alert");
    words.textContent = detail === null ? message : `${message} ${detail}`;
    document.getElementById("app")?.replaceChildren(words);
  }
}

start().catch((error: unknown) => {
  // As an error of the page, which public/early.js hears while there is no console to show it.
  setTimeout(() => {
    throw error;
  });
});
