/** Gives back the object that it gets: a class that extends it has its private fields on that. */
const Given = function (object: object): object {
  return object;
} as unknown as new (object: object) => object;

/** A property of objects that are not ours. */
export interface HiddenProperty<Value> {
  get(object: object): Value | undefined;
  set(object: object, value: Value): void;
}

/**
 * Makes a property that nobody else can see, not even by inspecting the object. It costs what a plain one does, and less
 * than a place in a `WeakMap`, also when garbage is collected.
 */
export function hiddenProperty<Value>(): HiddenProperty<Value> {
  return class Hidden extends Given {
    #value: Value;

    constructor(object: object, value: Value) {
      super(object);
      this.#value = value;
    }

    static get(object: object): Value | undefined {
      return #value in object ? object.#value : undefined;
    }

    static set(object: object, value: Value): void {
      if (#value in object) object.#value = value;
      else void new Hidden(object, value);
    }
  };
}
