import { mount } from "@vue/test-utils";
import { expect, it } from "vitest";
import { i18n, language } from "../language.ts";
import PasswordField from "./PasswordField.vue";

function open(props: object = {}) {
  language.value = "en";
  return mount(PasswordField, {
    props: { label: "Password", name: "password", autocomplete: "new-password", modelValue: "", ...props },
    global: { plugins: [i18n] },
  });
}

it("warns of Caps Lock while it is on, and no longer once the field is left", async () => {
  const field = open();
  const input = field.get("input");
  const press = async (on: boolean) => {
    const event = new KeyboardEvent("keydown", { key: "a" });
    Object.defineProperty(event, "getModifierState", { value: (key: string) => on && key === "CapsLock" });
    input.element.dispatchEvent(event);
    await field.vm.$nextTick();
  };
  expect(field.text()).not.toContain("Caps Lock");
  await press(true);
  expect(field.text()).toContain("Caps Lock");
  await press(false);
  expect(field.text()).not.toContain("Caps Lock");
  await press(true);
  await input.trigger("blur");
  expect(field.text()).not.toContain("Caps Lock");
});

it("shows the password where asked, and says which it does", async () => {
  const field = open({ modelValue: "secret words" });
  const button = field.get("button");
  expect(field.get("input").attributes("type")).toBe("password");
  await button.trigger("click");
  expect(field.get("input").attributes("type")).toBe("text");
  expect(button.attributes("aria-pressed")).toBe("true");
});

it("hints at how strong the password is, and at the own name in it", () => {
  const words = (modelValue: string) => open({ modelValue, strengthAgainst: ["python01"] }).text();
  expect(words("short")).toContain("Password strength: too short");
  expect(words("three quiet lanterns")).toContain("Password strength: strong");
  expect(words("hello python01 hello")).toContain("your own name");
  expect(open({ modelValue: "three quiet lanterns" }).text()).not.toContain("strength");
});
