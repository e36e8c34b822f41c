/**
 * Yes or no as both engines store it. A file of its own: of a module that another one adds to, the compiler leaves out
 * the import in declarations.
 */
export type Flag = 0 | 1;
