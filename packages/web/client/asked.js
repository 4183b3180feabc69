import { Component } from './lib/preact.js';

/**
 * Asks for something, and again whenever `position` or `fields` is another; what it shows is a function of the answer and of the last one before it of
 * another moment, or of what is wrong.
 */
export class Asked extends Component {
  state = { answer: undefined, before: undefined, problem: '' };

  componentDidMount() {
    this.update();
  }

  componentDidUpdate({ position, fields }, { answer: before }) {
    if (before === undefined && this.state.answer !== undefined) this.props.ready?.();
    if (position !== this.props.position || JSON.stringify(fields) !== JSON.stringify(this.props.fields)) this.update();
  }

  async update() {
    const { ask, what, fields, position, moment = position } = this.props;
    try {
      const answer = await ask(what, fields);
      this.setState((old) => ({ answer, moment, before: old.moment === moment ? old.before : old.answer, problem: '' }));
    } catch ({ message }) {
      this.setState({ problem: message });
    }
  }

  render({ children }, { answer, before, problem }) {
    return answer === undefined ? problem : [].concat(children)[0](answer, before);
  }
}
