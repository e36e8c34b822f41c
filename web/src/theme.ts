/** Light or dark: the system's by default, or the reader's choice. Rules as in public/early.js. */
import { computed, ref, watch } from "vue";
import { readItem, removeItem, writeItem } from "./browser-storage.ts";

export type Theme = "system" | "light" | "dark";
const storageKey = "meiduo.theme";
const stored = readItem("local", storageKey);

export const theme = ref<Theme>(stored === "light" || stored === "dark" ? stored : "system");

watch(theme, (chosen) => {
  if (chosen === "system") {
    removeItem("local", storageKey);
    delete document.documentElement.dataset.theme;
  } else {
    writeItem("local", storageKey, chosen);
    document.documentElement.dataset.theme = chosen;
  }
});

const system = window.matchMedia("(prefers-color-scheme: dark)");
const isSystemDark = ref(system.matches);
// Not addEventListener, which Safari has for these since 14.
system.onchange = ({ matches }) => {
  isSystemDark.value = matches;
};

/** Whether the page is dark now. */
export const isDark = computed(() =>
  theme.value === "system" ? isSystemDark.value : theme.value === "dark",
);

/** system, light, dark, and round again. */
export function nextTheme(current: Theme): Theme {
  return current === "system" ? "light" : current === "light" ? "dark" : "system";
}
