import type { ComponentProps } from "react";

/** An input with its name, and what is wrong with it. */
export function Field({
  label,
  problem = "",
  ...input
}: ComponentProps<"input"> & { label: string; problem?: string }) {
  return (
    <>
      <label>
        {label}
        <input required {...input} />
      </label>
      {problem && <p role="alert">{problem}</p>}
    </>
  );
}
