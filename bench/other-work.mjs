/**
 * What an application does besides: promises of several classes, callbacks, timers, resources of its own. Node's hooks
 * on promises, which every variant pays for, are specialized by V8 for the objects that they meet. Without this they
 * meet so few that one kind more, in one variant and not in another, costs a stream 1 µs an event.
 */
import { AsyncResource } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';
import { stat } from 'node:fs';

const KINDS = 6;

/** @template T @param {(name: string) => T} make @returns {T[]} */
const ofEachKind = (make) => Array.from({ length: KINDS }, (_, index) => make(`kind${index}`));

const promises = ofEachKind((name) => {
  /** @extends {Promise<void>} */
  class OwnPromise extends Promise {
    /** @param {(resolve: () => void) => void} executor */
    constructor(executor) {
      super(executor);
      void Object.defineProperty(this, name, { value: name });
    }
  }
  return () => new OwnPromise((resolve) => void setImmediate(resolve)).then(async () => Promise.resolve());
});

const resources = ofEachKind((name) => () => {
  const resource = Object.assign(new AsyncResource(name), { [name]: name });
  return new Promise((resolve) => {
    resource.runInAsyncScope(() => void Promise.resolve().then(resolve));
  });
});

/** @type {readonly (() => Promise<unknown>)[]} */
const STEPS = [
  ...promises,
  ...resources,
  () => new Promise((resolve) => void setTimeout(resolve, 0)),
  () => new Promise((resolve) => process.nextTick(resolve)),
  () => new Promise((resolve) => randomBytes(8, resolve)),
  () => new Promise((resolve) => stat('.', resolve)),
];

const ROUNDS = 100;

export async function doOtherWork() {
  for (let round = 0; round < ROUNDS; round += 1) for (const step of STEPS) await step();
}
