import type { TransformOperationExecutor as Executor } from 'class-transformer/types/TransformOperationExecutor'
import type { MetadataStorage } from 'class-transformer/types/MetadataStorage'
// @ts-expect-error class-transformer has the declarations of its parts in another folder
import * as executor from 'class-transformer/cjs/TransformOperationExecutor'
// @ts-expect-error the same
import * as storage from 'class-transformer/cjs/storage'

/** What `plainToInstance` does its work with; the index of class-transformer 0.5 keeps it for itself. */
export const TransformOperationExecutor =
  (executor as { TransformOperationExecutor: typeof Executor }).TransformOperationExecutor

/** What its decorators leave. */
export const { defaultMetadataStorage } = storage as { defaultMetadataStorage: MetadataStorage }
