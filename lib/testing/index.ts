// tsyringe refuses to load before reflect-metadata, which this loads.
import '../decorators/metadata'

export { createTestMesh, TestMesh } from './test-mesh'
export { faultConformance, transportConformance } from './conformance'
export { MissingHook } from './conformance-hooks'

export type { Delay, MessageFilter, TestNode } from './test-mesh'
export type { ConformanceGroup, ConformanceTest } from './conformance'
export type { ConformanceHooks, HookName, Resume } from './conformance-hooks'
export type { MakeTransport } from './conformance-nodes'
export type { MessageKind } from '../transport/memory/memory-link'
