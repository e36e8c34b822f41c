import { ApiError } from "@meiduo/client";
import { flushPromises, mount } from "@vue/test-utils";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { defineComponent, h } from "vue";
import { spinnerAfterMs, useForm } from "./form.ts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function makeForm(submit: () => Promise<void>) {
  let form!: ReturnType<typeof useForm<{ name: string; email: string }>>;
  const wrapper = mount(
    defineComponent({
      setup() {
        form = useForm({
          values: { name: "", email: "" },
          checks: { name: (values) => (values.name.length < 3 ? "check.required" : null) },
          submit,
        });
        return () => h("form");
      },
    }),
  );
  return { form, wrapper };
}

it("shows nothing before a field is left, then at every change", () => {
  const { form } = makeForm(async () => {});
  form.values.name = "a";
  form.change("name");
  expect(form.troubles.name).toBeUndefined();
  form.leave("name");
  expect(form.troubles.name).toEqual({ key: "check.required" });
  form.values.name = "abc";
  form.change("name");
  expect(form.troubles.name).toBeUndefined();
});

it("sends once however often it is asked, and a spinner comes only after a while", async () => {
  let answer!: () => void;
  const submit = vi.fn(() => new Promise<void>((resolve) => (answer = resolve)));
  const { form } = makeForm(submit);
  form.values.name = "abc";
  void form.submit();
  void form.submit();
  expect(submit).toHaveBeenCalledOnce();
  vi.advanceTimersByTime(spinnerAfterMs - 1);
  expect(form.waiting.value).toBe(false);
  vi.advanceTimersByTime(1);
  expect(form.waiting.value).toBe(true);
  answer();
  await flushPromises();
  expect([form.busy.value, form.waiting.value]).toEqual([false, false]);
});

it("puts the server's words at their field, the rest above the form, and takes them away at a change", async () => {
  const { form } = makeForm(async () => {
    throw new ApiError({
      code: "invalid_fields",
      message: "x",
      status: 400,
      fields: [
        { field: "email", code: "email_taken", message: "Taken." },
        { field: "elsewhere", code: "required", message: "Missing." },
      ],
    });
  });
  form.values.name = "abc";
  await form.submit();
  expect(form.troubles.email).toEqual({ words: "Taken." });
  expect(form.failure.value?.message).toBe("Missing.");
  form.change("email");
  expect(form.troubles.email).toBeUndefined();
});

it("does not send what its own checks refuse", async () => {
  const submit = vi.fn(async () => {});
  const { form } = makeForm(submit);
  await form.submit();
  expect(submit).not.toHaveBeenCalled();
  expect(form.troubles.name).toEqual({ key: "check.required" });
});
