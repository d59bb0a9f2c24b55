#include "csentencepiece.h"

#include <cstdio>
#include <exception>
#include <memory>
#include <string>
#include <vector>

#include <sentencepiece_processor.h>

struct csp_model {
    sentencepiece::SentencePieceProcessor processor;
};

csp_model *csp_model_create(const void *bytes, size_t size, char *error, size_t capacity) {
    try {
        auto model = std::make_unique<csp_model>();
        const auto status =
            model->processor.LoadFromSerializedProto(absl::string_view(static_cast<const char *>(bytes), size));
        if (status.ok()) return model.release();
        std::snprintf(error, capacity, "%s", status.ToString().c_str());
    } catch (const std::exception &failure) {
        std::snprintf(error, capacity, "%s", failure.what());
    } catch (...) {
        std::snprintf(error, capacity, "unknown failure");
    }
    return nullptr;
}

void csp_model_free(csp_model *model) { delete model; }

int32_t csp_model_size(const csp_model *model) { return model->processor.GetPieceSize(); }

const char *csp_model_piece(const csp_model *model, int32_t id, size_t *length) {
    const std::string &piece = model->processor.IdToPiece(id);
    *length = piece.size();
    return piece.data();
}

float csp_model_score(const csp_model *model, int32_t id) { return model->processor.GetScore(id); }

int32_t csp_model_kind(const csp_model *model, int32_t id) {
    const auto &processor = model->processor;
    if (processor.IsUnknown(id)) return CSP_UNKNOWN;
    if (processor.IsControl(id)) return CSP_CONTROL;
    if (processor.IsUnused(id)) return CSP_UNUSED;
    if (processor.IsByte(id)) return CSP_BYTE;
    return CSP_NORMAL;
}

int64_t csp_model_encode(const csp_model *model, const void *text, size_t size, int32_t *ids, size_t capacity) {
    try {
        std::vector<int> found;
        const auto status =
            model->processor.Encode(absl::string_view(static_cast<const char *>(text), size), &found);
        if (!status.ok()) return -1;
        for (size_t i = 0; i < found.size() && i < capacity; i++) ids[i] = found[i];
        return static_cast<int64_t>(found.size());
    } catch (...) {
        return -1;
    }
}
