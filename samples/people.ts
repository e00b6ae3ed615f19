/** The users who may sign in. A real app has them in a database, where they sign up. */
export const people = [
  { email: 'ada@example.com', password: 'engine' },
  { email: 'grace@example.com', password: 'compiler' }
] as const
