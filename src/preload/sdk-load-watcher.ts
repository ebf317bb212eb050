import {
  InstrumentationBase,
  InstrumentationNodeModuleDefinition,
  InstrumentationNodeModuleFile,
} from '@opentelemetry/instrumentation';
import { PATCH_POINTS, SDK_PACKAGE } from '../sdk/patch-points.ts';
import { PACKAGE_NAME, PACKAGE_VERSION } from '../version.ts';

const FILES = PATCH_POINTS.flatMap(({ files }) => files);

/** Calls back, with its version, whenever the Anthropic SDK is loaded: a process that loads it is about to use it. */
export class SdkLoadWatcher extends InstrumentationBase {
  // Only declared: the base class calls `init` before an initialiser would run.
  declare private onLoad: (version: string | undefined) => void;

  constructor(onLoad: (version: string | undefined) => void) {
    super(`${PACKAGE_NAME}/load`, PACKAGE_VERSION, {});
    this.onLoad = onLoad;
  }

  protected override init(): InstrumentationNodeModuleDefinition[] {
    const files = FILES.map(
      (file) =>
        new InstrumentationNodeModuleFile(
          `${SDK_PACKAGE}/${file}`,
          ['*'],
          (exports: unknown, version?: string) => {
            this.onLoad(version);
            return exports;
          },
          () => {},
        ),
    );
    return [new InstrumentationNodeModuleDefinition(SDK_PACKAGE, ['*'], undefined, undefined, files)];
  }
}
