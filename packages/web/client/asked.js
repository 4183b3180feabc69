import { Component } from './lib/preact.js';

/** Asks for something, and again whenever `position` or `fields` is another; what it shows is a function of the answer and the one before, or of what is wrong. */
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
    const { ask, what, fields } = this.props;
    try {
      const answer = await ask(what, fields);
      this.setState({ answer, before: this.state.answer, problem: '' });
    } catch ({ message }) {
      this.setState({ problem: message });
    }
  }

  render({ children }, { answer, before, problem }) {
    return answer === undefined ? problem : [].concat(children)[0](answer, before);
  }
}
