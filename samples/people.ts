/** Who may sign in. Yours would be in a database, where they sign up by themselves. */
export const people = [
  { email: 'ada@example.com', password: 'engine' },
  { email: 'grace@example.com', password: 'compiler' }
] as const
