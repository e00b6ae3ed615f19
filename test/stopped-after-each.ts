/** What a test starts and adds to the list; all of it is stopped after each test. */
export function stoppedAfterEach<Started extends { stop (): Promise<void> }> (): Started[] {
  const started: Started[] = []
  afterEach(async () => { await Promise.all(started.splice(0).map(async each => await each.stop())) })
  return started
}
