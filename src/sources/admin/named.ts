/** Something of an account as a person finds it: by its id, and by its name where it has one. */
export const named = (id: number, name: string | null) => `${id} (${name ?? 'without a name'})`;
