/** The parts of class-transformer 0.5 that its index keeps for itself; its own declarations are in another folder. */
declare module 'class-transformer/cjs/TransformOperationExecutor' {
  export { TransformOperationExecutor } from 'class-transformer/types/TransformOperationExecutor'
}

declare module 'class-transformer/cjs/storage' {
  export { defaultMetadataStorage } from 'class-transformer/types/storage'
}
